namespace VpsAdmin.PS.Tests.Engine;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vpsadmin-ps-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A program made of a shell script.</summary>
    public string Program(string name, string script)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
