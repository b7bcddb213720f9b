using System.Text.Json;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

public sealed class SnapshotTests(LabFixture lab) : IAsyncLifetime
{
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel);
        await _node.CreateDatasetAsync("101", Cancel);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_snapshot_has_the_second_in_utc_as_its_name_and_reports_what_zfs_recorded()
    {
        var output = await TakeAsync(Take());

        var snapshot = Assert.Single(await SnapshotsAsync());
        Assert.Equal("2016-06-14T10:00:00", output.Name);
        Assert.Equal(output, new CreateSnapshotOutput(snapshot.Name.Name, snapshot.Creation, snapshot.Guid));
        Assert.Equal(TimeSpan.Zero, output.CreatedAt.Offset);
    }

    [Fact]
    public async Task A_second_delivery_finds_the_snapshot_that_was_taken()
    {
        var take = Take();
        var first = await TakeAsync(take);
        _node.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(first, await TakeAsync(take));
        Assert.Single(await SnapshotsAsync());
    }

    [Fact]
    public async Task The_mark_of_a_dataset_is_not_taken_for_that_of_its_snapshots()
    {
        var create = _node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, "102", Quota: null));
        await _node.RunAsync(create, Cancel);
        await _node.SnapshotAsync("102", "older", Cancel);

        var take = _node.Message(TransactionType.CreateSnapshot, new CreateSnapshotInput(_node.Filesystem, "102"), id: create.Id);

        Assert.Equal("2016-06-14T10:00:00", (await TakeAsync(take)).Name);
    }

    [Fact]
    public async Task A_number_of_another_installation_is_another_snapshot()
    {
        var take = Take();
        await TakeAsync(take with { Installation = "before" });
        _node.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("2016-06-14T10:00:01", (await TakeAsync(take with { Installation = "after" })).Name);
    }

    [Fact]
    public async Task A_number_that_counts_anew_after_a_database_was_put_back_is_another_snapshot()
    {
        var take = Take() with { Installation = "one" };
        await TakeAsync(take with { Nonce = "before" });
        _node.Time.Advance(TimeSpan.FromSeconds(1));
        var again = take with { Nonce = "after" };

        Assert.Equal("2016-06-14T10:00:01", (await TakeAsync(again)).Name);
        Assert.Null((await _node.RunAsync(again with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        Assert.Equal("2016-06-14T10:00:00", Assert.Single(await SnapshotsAsync()).Name.Name);
    }

    [Fact]
    public async Task In_a_second_that_has_a_snapshot_the_next_second_is_waited_for()
    {
        _node.Time.Advance(TimeSpan.FromMilliseconds(250));
        await TakeAsync(Take());
        var second = await _node.SendAsync(Take(), Cancel);

        Assert.Equal(TimeSpan.FromMilliseconds(750), await _node.Time.NextTimerAsync(Cancel));
        _node.Time.Advance(TimeSpan.FromMilliseconds(750));

        Assert.Equal("2016-06-14T10:00:01", Output(await second.WaitAsync(Cancel)).Name);
        Assert.Equal(2, (await SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task Stopping_while_it_waits_reports_nothing_and_the_next_worker_does_it()
    {
        await TakeAsync(Take());
        var second = await _node.SendAsync(Take(), Cancel);
        await _node.Time.NextTimerAsync(Cancel);

        await _node.StopAsync();
        Assert.False(second.IsCompleted);
        _node.Time.Advance(TimeSpan.FromSeconds(5));
        _node.Start();

        Assert.Equal("2016-06-14T10:00:05", Output(await second.WaitAsync(Cancel)).Name);
    }

    [Fact]
    public async Task Rollback_destroys_the_transactions_own_snapshot_only()
    {
        var mine = Take();
        await TakeAsync(Take());
        _node.Time.Advance(TimeSpan.FromSeconds(1));
        await TakeAsync(mine);

        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _node.RunAsync(mine with { Rollback = true, Queue = "rollback" }, Cancel)).Error);

        Assert.Equal("2016-06-14T10:00:00", Assert.Single(await SnapshotsAsync()).Name.Name);
    }

    [Fact]
    public async Task A_snapshot_is_destroyed_once_and_gone_the_second_time()
    {
        await _node.SnapshotAsync("101", "a", Cancel);
        await _node.SnapshotAsync("101", "b", Cancel);
        var destroy = _node.Message(TransactionType.DestroySnapshot, new DestroySnapshotInput(_node.Filesystem, "101", "a"));

        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _node.RunAsync(destroy, Cancel)).Error);

        Assert.Equal("b", Assert.Single(await SnapshotsAsync()).Name.Name);
        var undone = await _node.RunAsync(destroy with { Rollback = true, Queue = "rollback" }, Cancel);
        Assert.Contains("cannot be brought back", undone.Error, StringComparison.Ordinal);
    }

    /// <summary>As where a machine has started without one of its pools. What is on it would be forgotten there.</summary>
    [Fact]
    public async Task With_its_pool_away_nothing_counts_as_destroyed()
    {
        var away = _node.Filesystem + "/away";
        TransactionMessage[] all =
        [
            _node.Message(TransactionType.DestroySnapshot, new DestroySnapshotInput(away, "101", "a")),
            _node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(away, "101")),
            _node.Message(TransactionType.RemoveDownload, new RemoveDownloadInput(away, DownloadBench.SecretKey, "101__a.gz")),
        ];
        foreach (var message in all)
            Assert.Contains($"The pool's filesystem {away} is not there", (await _node.RunAsync(message, Cancel)).Error, StringComparison.Ordinal);

        await lab.Zfs.CreateFilesystemAsync(away, null, Cancel);
        foreach (var message in all)
            Assert.Null((await _node.RunAsync(message, Cancel)).Error);
    }

    private TransactionMessage Take() =>
        _node.Message(TransactionType.CreateSnapshot, new CreateSnapshotInput(_node.Filesystem, "101"));

    private async Task<CreateSnapshotOutput> TakeAsync(TransactionMessage take) => Output(await _node.RunAsync(take, Cancel));

    private static CreateSnapshotOutput Output(TransactionFinished finished)
    {
        Assert.Null(finished.Error);
        return finished.Output.Deserialize(NodeJson.Default.CreateSnapshotOutput)!;
    }

    private Task<IReadOnlyList<ZfsSnapshot>> SnapshotsAsync() =>
        lab.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/101", depth: 0, Cancel);
}
