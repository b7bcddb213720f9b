using VpsAdmin.Lab;

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
        await ProgramFile.WriteAsync(scripted.Program, $"#!/bin/sh\nlog={scripted._folder.FullName}/log\n{script}\n");
        return scripted;
    }

    internal string Program { get; }

    internal ZfsHost Host(TimeProvider? time = null) => new(new ZfsHostOptions(Program: Program), time);

    internal string[] Log() => File.ReadAllLines(Path.Combine(_folder.FullName, "log"));

    public void Dispose() => _folder.Delete(recursive: true);
}
