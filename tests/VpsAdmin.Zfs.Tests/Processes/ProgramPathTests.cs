using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests.Processes;

/// <summary>By itself: the current directory belongs to the whole process.</summary>
[CollectionDefinition("Current directory", DisableParallelization = true)]
public sealed class CurrentDirectoryCollection;

[Collection("Current directory")]
public sealed class ProgramPathTests
{
    [Fact]
    public void A_program_in_the_current_directory_is_not_found_by_its_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows looks for programs itself.");
        var folder = Directory.CreateTempSubdirectory("program-path-");
        var before = Environment.CurrentDirectory;
        try
        {
            var program = Path.Combine(folder.FullName, "planted-program");
            File.WriteAllText(program, "#!/bin/sh\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Environment.CurrentDirectory = folder.FullName;
            Assert.Throws<Win32Exception>(() => OwnedProcess.Start(new ProcessSpec("planted-program", [])));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }
}
