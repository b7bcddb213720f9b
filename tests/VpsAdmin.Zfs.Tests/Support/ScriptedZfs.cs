using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests.Support;

/// <summary>A program in place of zfs that does what a shell script says, for what the lab's ZFS does not have or do on demand.</summary>
internal sealed class ScriptedZfs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scripted-zfs-");

    private ScriptedZfs() => Program = Path.Combine(_folder.FullName, "zfs");

    /// <param name="script">Shell commands; <c>$log</c> is a file to write to.</param>
    internal static async Task<ScriptedZfs> CreateAsync(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs a shell.");
        var scripted = new ScriptedZfs();
        // Written by a child: a file that this process has open for writing while another test forks cannot be run ("text file busy").
        await using var writer = OwnedProcess.Start(new ProcessSpec("sh", ["-c", "cat >\"$0\" && chmod 500 \"$0\"", scripted.Program], RedirectInput: true));
        await using (var text = new StreamWriter(writer.StandardInput))
            await text.WriteAsync($"#!/bin/sh\nlog={scripted._folder.FullName}/log\n{script}\n");
        Assert.Equal(0, (await writer.Completion).ExitCode);
        return scripted;
    }

    internal string Program { get; }

    internal ZfsHost Host(TimeProvider? time = null) => new(new ZfsHostOptions(Program: Program), time);

    internal string[] Log() => File.ReadAllLines(Path.Combine(_folder.FullName, "log"));

    public void Dispose() => _folder.Delete(recursive: true);
}
