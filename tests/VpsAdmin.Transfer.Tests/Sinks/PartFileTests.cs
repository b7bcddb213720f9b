using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests.Sinks;

public sealed partial class PartFileTests : TransferTest
{
    /// <summary>A child that was forked while the part was open has a second descriptor of the same open file, as dup(2) makes one.</summary>
    [Fact]
    public void A_closed_part_is_free_though_a_child_that_just_starts_has_it_open_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Locks of open files are Linux's.");
        var part = PartFile.Open(Part);
        using var childs = Duplicate(part);
        Assert.Equal(TransferFailure.TargetConflict, Assert.Throws<TransferException>(() => PartFile.Open(Part)).Failure);
        PartFile.Close(part);
        PartFile.Close(PartFile.Open(Part));
        File.OpenRead(Part).Dispose();
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial SafeFileHandle Duplicate(SafeFileHandle file);
}
