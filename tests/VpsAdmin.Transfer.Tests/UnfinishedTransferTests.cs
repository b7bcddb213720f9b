using VpsAdmin.Client;
using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests;

public sealed class UnfinishedTransferTests : TransferTest
{
    private static readonly ExportRequest Request = new(42, 41, ExportFormat.IncrementalStream);

    [Fact]
    public async Task What_was_interrupted_is_found_with_what_it_is_of()
    {
        await InterruptAsync(Target, 40_000);
        var found = Assert.Single(UnfinishedTransfer.Find(Folder, recurse: false));
        Assert.Equal((Target, 7, 42, 41, ExportFormat.IncrementalStream, 40_000, 100_000),
            (found.Path, found.DownloadId, found.SnapshotId, found.FromSnapshotId, found.Format, found.Bytes, found.BytesTotal));
        Assert.True(found.IsOf(Request));
        Assert.False(found.IsOf(Request with { FromSnapshotId = 40 }));
        Assert.False(found.IsOf(Request with { Format = ExportFormat.Stream, FromSnapshotId = null }));
        Assert.Equal(found, UnfinishedTransfer.TryRead(Target));
    }

    [Fact]
    public async Task Folders_below_are_looked_into_when_that_is_wanted_and_links_are_not_followed()
    {
        var below = Directory.CreateDirectory(Path.Combine(Folder, "below")).FullName;
        await InterruptAsync(Path.Combine(below, "one"), 10);
        Directory.CreateSymbolicLink(Path.Combine(Folder, "link"), below);
        Assert.Empty(UnfinishedTransfer.Find(Folder, recurse: false));
        Assert.Equal([Path.Combine(below, "one")], UnfinishedTransfer.Find(Folder, recurse: true).Select(static t => t.Path));
    }

    [Fact]
    public async Task A_sidecar_without_a_part_and_a_part_without_a_sidecar_are_nothing_to_continue()
    {
        await InterruptAsync(Target, 10);
        await File.WriteAllTextAsync(Path.Combine(Folder, "alone.part"), "x", Cancel);
        await File.WriteAllTextAsync(Path.Combine(Folder, "broken.part.json"), "{", Cancel);
        File.Delete(Part);
        Assert.Empty(UnfinishedTransfer.Find(Folder, recurse: true));
    }

    [Fact]
    public async Task It_is_removed_whole()
    {
        await InterruptAsync(Target, 40_000);
        // What a kill, or a full disk, leaves of a sidecar that was being written.
        await File.WriteAllTextAsync(Part + ".json.new", "", Cancel);
        var found = UnfinishedTransfer.TryRead(Target)!;
        found.Remove();
        Assert.Empty(Directory.GetFiles(Folder));
        found.Remove();
    }

    [Fact]
    public async Task One_that_goes_on_is_not_removed()
    {
        Server.Content = Bytes(300_000);
        Server.Script(FileAction.StallAfter(100_000));
        using var stop = new CancellationTokenSource();
        await using var sink = new FileSink(Target, false, false, Request);
        var saving = RunAsync(sink, cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        // Sent is not yet stored, and an empty part would not be kept.
        await UntilAsync(() => new FileInfo(Part).Length > 0);
        var found = UnfinishedTransfer.TryRead(Target)!;
        Assert.Equal(TransferFailure.TargetConflict, Assert.Throws<TransferException>(found.Remove).Failure);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        Assert.True(File.Exists(Part));
    }

    [Fact]
    public async Task One_that_became_anothers_is_not_removed()
    {
        await InterruptAsync(Target, 40_000);
        var found = UnfinishedTransfer.TryRead(Target)!;
        var other = found with { DownloadId = 8 };
        Assert.Equal(TransferFailure.TargetConflict, Assert.Throws<TransferException>(other.Remove).Failure);
        Assert.True(File.Exists(Part));
    }

    private async Task InterruptAsync(string path, int bytes)
    {
        Server.Content = Bytes(100_000);
        Server.Script(FileAction.CutAfter(bytes), FileAction.Answer(403));
        await FailAsync(async () =>
        {
            await using var sink = new FileSink(path, false, false, Request);
            await RunAsync(sink);
        }, TransferFailure.BadResponse);
    }
}
