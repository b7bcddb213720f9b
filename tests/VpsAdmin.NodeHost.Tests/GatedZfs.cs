using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A <c>zfs</c> one command of which waits before its first byte until the gate is opened; what else it is asked it does at once.</summary>
internal sealed class GatedZfs : IDisposable
{
    private GatedZfs()
    {
    }

    /// <param name="command">The one that waits.</param>
    public static async Task<GatedZfs> CreateAsync(CancellationToken cancel, string command = "send")
    {
        var gated = new GatedZfs();
        // The pipe blocks whoever opens it for reading until somebody opens it for writing: the test.
        await using (var mkfifo = OwnedProcess.Start(new ProcessSpec("mkfifo", [Path.Combine(gated.Folder, "gate")])))
            Assert.Equal(0, (await mkfifo.Completion.WaitAsync(cancel)).ExitCode);
        await ProgramFile.WriteAsync(Path.Combine(gated.Folder, "zfs"),
            $$"""
            #!/bin/sh
            case "$*" in
              '{{command}} '*/*) echo "$*" >> '{{gated.Folder}}/calls'; [ -e '{{gated.Folder}}/open' ] || { : > '{{gated.Folder}}/waiting'; read -r line < '{{gated.Folder}}/gate'; } ;;
            esac
            exec '{{OwnedProcess.Locate("zfs")}}' "$@"
            """);
        return gated;
    }

    /// <summary>To be the first in PATH.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("vpsadmin-gate-").FullName;

    /// <summary>What it was asked of that one, so far.</summary>
    public string[] Calls => File.ReadAllLines(Path.Combine(Folder, "calls"));

    /// <summary>Completes when one waits at the gate.</summary>
    public async Task WaitingAsync(CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(Path.Combine(Folder, "waiting")))
            await look.WaitForNextTickAsync(cancel);
    }

    /// <summary>Lets them pass from now on; also the one that waits, if it is still there.</summary>
    public void Open()
    {
        File.WriteAllText(Path.Combine(Folder, "open"), "");
        // Read and write: it opens also where nobody waits any more.
        using var gate = new FileStream(Path.Combine(Folder, "gate"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        gate.Write("go\n"u8);
        gate.Flush();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
