using System.Runtime.InteropServices;
using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests.Sinks;


public sealed partial class FileSinkTests : TransferTest
{
    private static readonly byte[] Precious = [1, 2, 3];

    [Fact]
    public async Task The_final_name_does_not_exist_before_the_data_is_verified()
    {
        Server.Content = Bytes(100_000);
        var seen = new List<TransferPhase>();
        await SaveAsync(progress: new Reports(p =>
        {
            if (p.Phase == TransferPhase.Done)
                return;
            seen.Add(p.Phase);
            Assert.False(File.Exists(Target));
        }));
        Assert.Contains(TransferPhase.Verifying, seen);
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task BUG_24_an_existing_file_is_in_the_way_before_anything_is_touched()
    {
        Server.Content = Bytes(100_000);
        await File.WriteAllBytesAsync(Target, Precious, Cancel);
        await FailAsync(() => SaveAsync(), TransferFailure.TargetConflict);
        await AssertSavedAsync(Precious);
        Assert.Empty(Server.Requests);
        Assert.Equal(0, Export.Reads);
    }

    [Fact]
    public async Task BUG_24_an_existing_file_is_replaced_only_by_a_verified_one()
    {
        Server.Content = Bytes(100_000);
        await File.WriteAllBytesAsync(Target, Precious, Cancel);
        Server.Script(FileAction.CorruptAt(5));
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.ChecksumMismatch);
        await AssertSavedAsync(Precious);
        await SaveAsync(overwrite: true);
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task What_is_saved_is_for_its_owner_alone_at_any_time_and_whoever_could_read_what_was_there_before()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        Assert.Equal(Modes.Owner, Modes.Of(Part));
        // As an earlier version would have left them.
        Modes.OpenToAll(Part);
        await File.WriteAllBytesAsync(Target, Precious, Cancel);
        Modes.OpenToAll(Target);
        await SaveAsync(overwrite: true, progress: new Reports(p =>
        {
            if (p.Phase == TransferPhase.Verifying)
                Assert.Equal(Modes.Owner, Modes.Of(Part));
        }));
        await AssertSavedAsync(Server.Content);
        Assert.Equal(Modes.Owner, Modes.Of(Target));
    }

    [Fact]
    public async Task BUG_10_a_part_of_another_download_is_named_and_kept()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        var error = await FailAsync(() => SaveAsync(export: new ScriptedExport(Server) { Id = 8 }), TransferFailure.TargetConflict);
        Assert.Contains("download 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("download 8", error.Message, StringComparison.Ordinal);
        Assert.Equal(40_000, new FileInfo(Part).Length);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_part_of_the_same_id_on_another_server_is_another_download()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        var elsewhere = new ScriptedExport(Server);
        elsewhere.Finally = () => elsewhere.Ready() with { Url = new Uri(Server.Url, "/other/file") };
        await FailAsync(() => SaveAsync(export: elsewhere), TransferFailure.TargetConflict);
    }

    [Fact]
    public async Task Of_a_part_of_which_nothing_has_come_yet_the_download_is_compared_too()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        await File.WriteAllBytesAsync(Part, [], Cancel);
        var elsewhere = new ScriptedExport(Server);
        elsewhere.Finally = () => elsewhere.Ready() with { Url = new Uri(Server.Url, "/other/file") };
        var error = await FailAsync(() => SaveAsync(export: elsewhere), TransferFailure.TargetConflict);
        Assert.Contains("download 7", error.Message, StringComparison.Ordinal);
        await FailAsync(() => SaveAsync(export: new ScriptedExport(Server) { Id = 8 }), TransferFailure.TargetConflict);
        Assert.False(File.Exists(Target));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_part_is_continued_from_the_same_download_on_another_port()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        var port = Server.Url.Port;
        var sidecar = await File.ReadAllTextAsync(Sidecar, Cancel);
        await File.WriteAllTextAsync(Sidecar, sidecar.Replace($":{port}/", $":{port - 1}/", StringComparison.Ordinal), Cancel);
        Assert.NotEqual(sidecar, await File.ReadAllTextAsync(Sidecar, Cancel));
        Assert.Equal(40_000, (await SaveAsync()).ResumedFrom);
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task BUG_10_overwriting_begins_again_whatever_the_part_is()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        var result = await SaveAsync(export: new ScriptedExport(Server) { Id = 8 }, overwrite: true);
        Assert.Equal(0, result.ResumedFrom);
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_part_is_not_continued_unasked()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        await FailAsync(() => SaveAsync(resume: false), TransferFailure.TargetConflict);
        Assert.Equal(40_000, new FileInfo(Part).Length);
        Assert.Equal(0, (await SaveAsync(resume: false, overwrite: true)).ResumedFrom);
        await AssertSavedAsync(Server.Content);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{ \"version\": 1, \"down")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task A_part_without_a_sound_sidecar_is_somebody_elses(string? sidecar)
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        File.Delete(Sidecar);
        if (sidecar is not null)
            await File.WriteAllTextAsync(Sidecar, sidecar, Cancel);
        await FailAsync(() => SaveAsync(), TransferFailure.TargetConflict);
        Assert.Equal(40_000, new FileInfo(Part).Length);
    }

    [Fact]
    public async Task A_part_longer_than_the_servers_file_is_begun_again()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        Server.Content = Bytes(30_000, seed: 3);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_rehash_that_is_cancelled_costs_nothing()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        using var stop = new CancellationTokenSource();
        Export.Then(() =>
        {
            stop.Cancel();
            return Export.Ready();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(cancel: stop.Token));
        Assert.Equal(40_000, new FileInfo(Part).Length);
        Assert.Equal(40_000, (await SaveAsync()).ResumedFrom);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".part")]
    public async Task A_link_is_not_followed(string ending)
    {
        Server.Content = Bytes(1000);
        var elsewhere = Path.Combine(Folder, "elsewhere");
        await File.WriteAllBytesAsync(elsewhere, Precious, Cancel);
        File.CreateSymbolicLink(Target + ending, elsewhere);
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        Assert.Equal(Precious, await File.ReadAllBytesAsync(elsewhere, Cancel));
    }

    [Fact]
    public async Task A_dangling_link_is_not_followed_either()
    {
        var elsewhere = Path.Combine(Folder, "elsewhere");
        File.CreateSymbolicLink(Part, elsewhere);
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        Assert.False(File.Exists(elsewhere));
    }

    [Fact]
    public async Task A_part_with_a_second_name_is_left_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are counted on Linux only.");
        Server.Content = Bytes(100_000);
        await LeavePartAsync(40_000);
        var other = Path.Combine(Folder, "other");
        Assert.Equal(0, Link(Part, other));
        var error = await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        Assert.Contains("second name", error.Message, StringComparison.Ordinal);
        Assert.Equal(40_000, new FileInfo(other).Length);
        File.Delete(other);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_pipe_in_the_parts_place_is_refused_and_nobody_waits_for_its_reader()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A pipe that is a file.");
        Server.Content = Bytes(10);
        Assert.Equal(0, MakePipe(Part, 0x180));
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        Assert.True(File.Exists(Part));
    }

    [Fact]
    public async Task A_folder_is_not_a_file()
    {
        Directory.CreateDirectory(Target);
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        Directory.Delete(Target);
    }

    [Fact]
    public async Task A_device_is_never_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Devices are files on Unix only.");
        Server.Content = Bytes(10);
        await using var sink = new FileSink("/dev/null", overwrite: true, resume: true);
        await FailAsync(() => RunAsync(sink), TransferFailure.TargetConflict);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_said_so()
    {
        Server.Content = Bytes(10);
        await using var sink = new FileSink(Path.Combine(Folder, "no", "such", "file"), overwrite: false, resume: true);
        var error = await FailAsync(() => RunAsync(sink), TransferFailure.SinkFailed);
        Assert.Contains("no/such", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_another_run_writes_is_left_alone()
    {
        Server.Content = Bytes(300_000);
        Server.Script(FileAction.StallAfter(100_000));
        using var stop = new CancellationTokenSource();
        var first = SaveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        await FailAsync(() => SaveAsync(overwrite: true), TransferFailure.TargetConflict);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_file_that_appears_meanwhile_is_left_alone_and_the_data_kept()
    {
        Server.Content = Bytes(100_000);
        Server.Script(FileAction.Serve.After(() => File.WriteAllBytes(Target, Precious)));
        await FailAsync(() => SaveAsync(), TransferFailure.TargetConflict);
        Assert.Equal(Precious, await File.ReadAllBytesAsync(Target, Cancel));
        Assert.Equal(Server.Content, await File.ReadAllBytesAsync(Part, Cancel));
    }

    [Fact]
    public async Task The_sidecar_is_its_owners_only()
    {
        Server.Content = Bytes(100_000);
        await LeavePartAsync(1000);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Sidecar));
        Assert.Equal([Path.GetFileName(Part), Path.GetFileName(Sidecar)], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, int mode);
}
