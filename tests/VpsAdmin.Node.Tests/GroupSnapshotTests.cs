using System.Text.Json;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

public sealed class GroupSnapshotTests(LabFixture lab) : IAsyncLifetime
{
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel);
        foreach (var dataset in new[] { "101", "102", "103" })
            await _node.CreateDatasetAsync(dataset, Cancel);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task All_get_one_name_and_report_what_zfs_recorded()
    {
        var output = await TakeAsync(Take("101", "102", "103"));

        Assert.Equal("2016-06-14T10:00:00", output.Name);
        foreach (var taken in output.Snapshots)
        {
            var snapshot = Assert.Single(await SnapshotsAsync(taken.Dataset));
            Assert.Equal((output.Name, taken.CreatedAt, taken.Guid), (snapshot.Name.Name, snapshot.Creation, snapshot.Guid));
        }
        Assert.Equal(["101", "102", "103"], output.Snapshots.Select(static s => s.Dataset));
    }

    [Fact]
    public async Task A_second_delivery_finds_what_was_taken()
    {
        var take = Take("101", "102");
        var first = await TakeAsync(take);
        _node.Time.Advance(TimeSpan.FromHours(1));

        var again = await TakeAsync(take);
        Assert.Equal(first.Name, again.Name);
        Assert.Equal(first.Snapshots, again.Snapshots);
        Assert.Single(await SnapshotsAsync("101"));
    }

    [Fact]
    public async Task A_node_that_died_between_two_goes_on_under_the_same_name()
    {
        var take = Take("101", "102");
        var mark = new Dictionary<string, string> { ["cz.vpsfree.vpsadmin:transaction"] = $"{take.Id}" };
        await _node.Zfs.SnapshotAsync(new SnapshotName($"{_node.Filesystem}/101", "2016-06-14T09:59:59"), mark, Cancel);

        Assert.Equal("2016-06-14T09:59:59", (await TakeAsync(take)).Name);
        Assert.Equal("2016-06-14T09:59:59", Assert.Single(await SnapshotsAsync("102")).Name.Name);
    }

    [Fact]
    public async Task In_a_second_that_one_of_them_has_a_snapshot_of_the_next_is_waited_for()
    {
        await _node.SnapshotAsync("102", "2016-06-14T10:00:00", Cancel);
        var taken = await _node.SendAsync(Take("101", "102", "103"), Cancel);

        Assert.Equal(TimeSpan.FromSeconds(1), await _node.Time.NextTimerAsync(Cancel));
        Assert.Empty(await SnapshotsAsync("101"));
        _node.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null((await taken.WaitAsync(Cancel)).Error);
        Assert.Equal("2016-06-14T10:00:01", Assert.Single(await SnapshotsAsync("101")).Name.Name);
        Assert.Equal("2016-06-14T10:00:01", Assert.Single(await SnapshotsAsync("103")).Name.Name);
    }

    [Fact]
    public async Task Rollback_destroys_its_own_and_nothing_else()
    {
        await _node.SnapshotAsync("102", "older", Cancel);
        var take = Take("101", "102");
        await TakeAsync(take);

        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _node.RunAsync(take with { Rollback = true, Queue = "rollback" }, Cancel)).Error);

        Assert.Empty(await SnapshotsAsync("101"));
        Assert.Equal("older", Assert.Single(await SnapshotsAsync("102")).Name.Name);
    }

    [Fact]
    public async Task A_missing_dataset_fails_and_undoing_leaves_nothing()
    {
        var take = Take("101", "404");
        Assert.False((await _node.RunAsync(take, Cancel)).Success);
        Assert.Null((await _node.RunAsync(take with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        Assert.Empty(await SnapshotsAsync("101"));
    }

    [Fact]
    public async Task A_missing_dataset_is_left_out_and_told_where_the_others_are_not_to_suffer()
    {
        var take = TakeThose("404", "101", "103");
        var output = await TakeAsync(take);
        Assert.Equal(["101", "103"], output.Snapshots.Select(static s => s.Dataset));
        Assert.Equal(["404"], output.Missing);
        Assert.Equal(output.Name, Assert.Single(await SnapshotsAsync("103")).Name.Name);

        // Delivered again, it is the same, and undone it is all of it.
        Assert.Equal(output.Missing, (await TakeAsync(take)).Missing);
        Assert.Null((await _node.RunAsync(take with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        Assert.Empty(await SnapshotsAsync("101"));
    }

    [Fact]
    public async Task Where_none_is_missing_none_is_told() => Assert.Null((await TakeAsync(TakeThose("101", "102"))).Missing);

    [Fact]
    public async Task Where_all_are_missing_it_fails() =>
        Assert.Contains("None of the 2 datasets", (await _node.RunAsync(TakeThose("404", "405"), Cancel)).Error, StringComparison.Ordinal);

    private TransactionMessage TakeThose(params string[] datasets) =>
        _node.Message(TransactionType.CreateSnapshots, new CreateSnapshotsInput(_node.Filesystem, datasets, LeaveOutMissing: true));

    private TransactionMessage Take(params string[] datasets) =>
        _node.Message(TransactionType.CreateSnapshots, new CreateSnapshotsInput(_node.Filesystem, datasets));

    private async Task<CreateSnapshotsOutput> TakeAsync(TransactionMessage take)
    {
        var finished = await _node.RunAsync(take, Cancel);
        Assert.Null(finished.Error);
        return finished.Output.Deserialize(NodeJson.Default.CreateSnapshotsOutput)!;
    }

    private Task<IReadOnlyList<ZfsSnapshot>> SnapshotsAsync(string dataset) =>
        lab.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/{dataset}", depth: 0, Cancel);
}
