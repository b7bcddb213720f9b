using System.Diagnostics;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests;

public sealed class DecodedFileTargetTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpsadmin-decoded-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_folder.FullName, "stream");

    [Fact]
    public async Task The_name_appears_only_when_the_stream_is_complete()
    {
        await using var target = new DecodedFileTarget(Target, overwrite: false);
        await target.OpenAsync(Cancel);
        await target.WriteAsync(new byte[] { 1, 2 }, Cancel);
        await target.WriteAsync(new byte[] { 3 }, Cancel);
        Assert.False(File.Exists(Target));
        await target.CompleteAsync(Cancel);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Target, Cancel));
        Assert.Equal([Target], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task The_stream_is_for_its_owner_alone()
    {
        await File.WriteAllTextAsync(Target, "readable", Cancel);
        Modes.OpenToAll(Target);
        await using var target = new DecodedFileTarget(Target, overwrite: true);
        await target.OpenAsync(Cancel);
        Assert.Equal(Modes.Owner, Modes.Of(Target + ".stream.part"));
        await target.CompleteAsync(Cancel);
        Assert.Equal(Modes.Owner, Modes.Of(Target));
    }

    [Fact]
    public async Task An_aborted_stream_leaves_nothing()
    {
        await using var target = new DecodedFileTarget(Target, overwrite: false);
        await target.OpenAsync(Cancel);
        await target.WriteAsync(new byte[] { 1 }, Cancel);
        await target.AbortAsync();
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task What_a_crash_left_is_written_over_and_the_part_of_a_resumable_download_is_not_touched()
    {
        await File.WriteAllBytesAsync(Target + ".stream.part", new byte[100], Cancel);
        await File.WriteAllTextAsync(Target + ".part", "resumable", Cancel);
        await using var target = new DecodedFileTarget(Target, overwrite: true);
        await target.OpenAsync(Cancel);
        await target.WriteAsync(new byte[] { 7 }, Cancel);
        await target.CompleteAsync(Cancel);
        Assert.Equal([7], await File.ReadAllBytesAsync(Target, Cancel));
        Assert.Equal("resumable", await File.ReadAllTextAsync(Target + ".part", Cancel));
    }

    [Fact]
    public async Task A_link_in_the_way_is_not_followed()
    {
        var precious = Path.Combine(_folder.FullName, "precious");
        await File.WriteAllTextAsync(precious, "precious", Cancel);
        File.CreateSymbolicLink(Target + ".stream.part", precious);
        await using var target = new DecodedFileTarget(Target, overwrite: true);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.OpenAsync(Cancel));
        Assert.Equal(TransferFailure.TargetConflict, error.Failure);
        Assert.Equal("precious", await File.ReadAllTextAsync(precious, Cancel));
    }

    [Theory]
    [InlineData("mkfifo", "is a device or a pipe")]
    [InlineData("mkdir", "is a folder")]
    [InlineData("ln -s precious", "is a link")]
    public async Task What_is_no_file_is_not_overwritten_by_force_either(string made, string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes and devices are files on Linux.");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "precious"), "precious", Cancel);
        var words = made.Split(' ');
        using (var make = Process.Start(words[0], [.. words[1..], Target]))
            await make.WaitForExitAsync(Cancel);
        await using var target = new DecodedFileTarget(Target, overwrite: true);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.OpenAsync(Cancel));
        Assert.Equal(TransferFailure.TargetConflict, error.Failure);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        await target.AbortAsync();
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.FullName).Length);
    }

    [Fact]
    public async Task A_file_that_is_there_is_in_the_way_before_anything_is_touched()
    {
        await File.WriteAllTextAsync(Target, "precious", Cancel);
        await using var target = new DecodedFileTarget(Target, overwrite: false);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.OpenAsync(Cancel));
        Assert.Equal(TransferFailure.TargetConflict, error.Failure);
        Assert.Equal([Target], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task A_file_that_has_a_second_name_is_not_written_into()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "link(1) and the look at a file's names are Linux's.");
        var precious = Path.Combine(_folder.FullName, "precious");
        await File.WriteAllTextAsync(precious, "precious", Cancel);
        using (var link = Process.Start("link", [precious, Target + ".stream.part"]))
            await link.WaitForExitAsync(Cancel);
        await using var target = new DecodedFileTarget(Target, overwrite: true);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.OpenAsync(Cancel));
        Assert.Equal(TransferFailure.TargetConflict, error.Failure);
        Assert.Equal("precious", await File.ReadAllTextAsync(precious, Cancel));
    }

    [Fact]
    public async Task Two_runs_do_not_write_into_one_file()
    {
        await using var first = new DecodedFileTarget(Target, overwrite: true);
        await first.OpenAsync(Cancel);
        await using var second = new DecodedFileTarget(Target, overwrite: true);
        var error = await Assert.ThrowsAsync<TransferException>(() => second.OpenAsync(Cancel));
        Assert.Equal(TransferFailure.TargetConflict, error.Failure);
        await second.AbortAsync();
        await first.WriteAsync(new byte[] { 1 }, Cancel);
        await first.CompleteAsync(Cancel);
        Assert.Equal([1], await File.ReadAllBytesAsync(Target, Cancel));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
