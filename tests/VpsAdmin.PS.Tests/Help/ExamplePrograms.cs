using System.Diagnostics;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The programs that documents tell to type, as they are found when they are installed: in a folder of PATH.</summary>
internal static class ExamplePrograms
{
    /// <summary>Runs what it is given on this machine: the other machine of the examples is this one.</summary>
    private const string Ssh = """
        #!/bin/sh
        while :; do
          case $1 in
            --) shift; break ;;
            -[oFpil]) shift 2 ;;
            -*) shift ;;
            *) break ;;
          esac
        done
        shift
        exec sh -c "$*"

        """;

    /// <summary>A server stays, as if somebody had another terminal for it; what is behind it is done when it listens.</summary>
    private static string Server(string program, string folder) => $$"""
        #!/bin/sh
        [ "$1" = serve ] || exec '{{program}}' "$@"
        log=$(mktemp -p '{{folder}}')
        '{{program}}' "$@" >"$log" 2>&1 &
        echo $! >>'{{Path.Combine(folder, Services)}}'
        looks=900
        until grep -q 'Listening on' "$log"; do
          looks=$((looks - 1))
          [ $looks -gt 0 ] && kill -0 $! 2>/dev/null || { cat "$log" >&2; exit 1; }
          sleep 0.1
        done

        """;

    private const string Services = "services";

    /// <param name="folder">Where the examples run; the programs are in its folder bin.</param>
    public static async Task InstallAsync(string folder)
    {
        var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "vpsadmin"), Repository.Shell);
        await ProgramFile.WriteAsync(Path.Combine(bin, "vpsadmin-server"), Server(Repository.Server, folder));
        await ProgramFile.WriteAsync(Path.Combine(bin, "ssh"), Ssh);
        if (await Pwsh.CommandAsync() is not { } pwsh)
            return;
        var modules = Directory.CreateDirectory(Path.Combine(folder, "modules")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(modules, "VpsAdmin"), Repository.Root);
        await ProgramFile.WriteAsync(Path.Combine(bin, "pwsh"), $"#!/bin/sh\nPSModulePath={modules} exec {string.Join(' ', pwsh)} \"$@\"\n");
    }

    /// <summary>One that is not a child of ours is known by what the kernel says; nobody may have asked how it ended.</summary>
    private static bool HasEnded(string id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Ends the servers that were started; those that do not end when they are told to are killed.</summary>
    public static async Task StopAsync(string folder)
    {
        var services = Path.Combine(folder, Services);
        if (!File.Exists(services))
            return;
        var ids = await File.ReadAllLinesAsync(services);
        try
        {
            await SignalAsync("TERM", ids);
            await Eventually.Async(() => ids.All(HasEnded), CancellationToken.None);
        }
        finally
        {
            await SignalAsync("KILL", ids.Where(static id => !HasEnded(id)));
        }
    }

    private static async Task SignalAsync(string signal, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            using var kill = Process.Start("kill", ["-s", signal, id]);
            await kill.WaitForExitAsync();
        }
    }
}
