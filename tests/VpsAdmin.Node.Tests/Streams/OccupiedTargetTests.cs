using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>
/// Transfers that are to make a filesystem which is there already, such as one that a VPS has left when it moved away: whatever fails, and is undone, what was
/// there stays. Between nodes, and within one.
/// </summary>
public sealed class OccupiedTargetTests(LabFixture lab) : IAsyncLifetime
{
    private PairedNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => $"{_nodes.FarFilesystem}/{TestTransfer.Branch}";

    private string OwnFile => Path.Combine(Path.GetDirectoryName(_nodes.Folder)!, Path.GetFileName(_nodes.FarFilesystem), TestTransfer.Branch, "file");

    public async ValueTask InitializeAsync() => _nodes = await PairedNodes.StartAsync(lab);

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_without_snapshots_stays(bool between)
    {
        await OccupyAsync();
        await _nodes.SnapshotsAsync(1000, "a");
        await RefusedAsync(between, "is there without a snapshot", "a");
        Assert.Equal("mine", await File.ReadAllTextAsync(OwnFile, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_was_left_there_is_not_gone_on_from(bool between)
    {
        await _nodes.SnapshotsAsync(1000, "a");
        await new TestTransfer(_nodes, from: null, ["a"]).SucceedAsync();
        await lab.Zfs.MountAsync(Target, Cancel);
        await File.WriteAllTextAsync(OwnFile, "mine", Cancel);
        var before = await _nodes.OnAsync(Target);
        await _nodes.SnapshotsAsync(1000, "b");
        await RefusedAsync(between, "is there already, up to a", "a", "b");
        Assert.Equal(before, await _nodes.OnAsync(Target));
        Assert.Equal("mine", await File.ReadAllTextAsync(OwnFile, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_whose_newest_snapshot_is_gone_at_the_source_keeps_all_and_is_undone(bool between)
    {
        await _nodes.SnapshotsAsync(1000, "a", "rotated");
        await new TestTransfer(_nodes, from: null, ["a", "rotated"]).SucceedAsync();
        var before = await _nodes.OnAsync(Target);
        await lab.Zfs.DestroyAsync($"{_nodes.Filesystem}/101@rotated", Cancel);
        await _nodes.SnapshotsAsync(1000, "b");
        await RefusedAsync(between, "is there already, up to rotated", "a", "b");
        Assert.Equal(before, await _nodes.OnAsync(Target));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_that_the_server_does_not_know_there_stays_when_what_goes_on_behind_it_is_undone(bool between)
    {
        await _nodes.SnapshotsAsync(1000, "a", "b", "c");
        await new TestTransfer(_nodes, from: null, ["a", "b"]).SucceedAsync();
        var before = await _nodes.OnAsync(Target);
        var work = Work(between, "a", "b", "c");
        foreach (var (node, message) in work)
            Assert.Null((await _nodes.RunAsync(node, message)).Error);
        await UndoAsync(work);
        Assert.Equal(before, await _nodes.OnAsync(Target));
    }

    /// <summary>Whichever of the steps it fails at, the chain undoes all of them.</summary>
    private async Task RefusedAsync(bool between, string reason, params string[] snapshots)
    {
        var work = Work(between, from: null, snapshots);
        string? error = null;
        foreach (var (node, message) in work)
            error ??= (await _nodes.RunAsync(node, message)).Error;
        await UndoAsync(work);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private async Task UndoAsync(IEnumerable<(int Node, TransactionMessage Message)> work)
    {
        foreach (var (node, message) in work.Reverse())
            Assert.Null((await _nodes.RunAsync(node, message with { Rollback = true, Queue = "rollback" })).Error);
    }

    private (int Node, TransactionMessage Message)[] Work(bool between, string? from, params string[] snapshots)
    {
        if (!between)
            return [(PairedNodes.Near, _nodes.Message(TransactionType.LocalSend, new LocalSendInput(_nodes.Filesystem, "101", _nodes.FarFilesystem, TestTransfer.Branch, from, snapshots)))];
        var transfer = new TestTransfer(_nodes, from, snapshots);
        return [(PairedNodes.Far, transfer.Receive), (PairedNodes.Near, transfer.Send), (PairedNodes.Far, transfer.Check)];
    }

    private async Task OccupyAsync()
    {
        for (var end = TestTransfer.Branch.IndexOf('/', StringComparison.Ordinal); end > 0; end = TestTransfer.Branch.IndexOf('/', end + 1))
            await lab.Zfs.CreateFilesystemAsync($"{_nodes.FarFilesystem}/{TestTransfer.Branch[..end]}", properties: null, Cancel);
        await lab.Zfs.CreateFilesystemAsync(Target, properties: null, Cancel);
        await File.WriteAllTextAsync(OwnFile, "mine", Cancel);
    }
}
