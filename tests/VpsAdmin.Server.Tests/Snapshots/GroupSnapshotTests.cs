using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Snapshots;

public sealed class GroupSnapshotTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private long _one;
    private long _two;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        (_one, _two) = (await _server.AddDatasetAsync("101"), await _server.AddDatasetAsync("102"));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task BUG_1_each_snapshot_is_of_its_datasets_history()
    {
        await _server.QueryAsync(db => db.Datasets.Where(d => d.Id == _two).ExecuteUpdateAsync(static set => set.SetProperty(static d => d.CurrentHistoryId, 3), Cancel));
        var chain = await TakeAsync(_one, _two);
        var work = await _server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.CreateSnapshots, "storage"), (work.Type, work.Queue));
        var at = DateTimeOffset.Parse("2026-06-13T23:00:01Z", System.Globalization.CultureInfo.InvariantCulture);
        Succeed(work, "2026-06-13T23:00:01", new("102", at.AddSeconds(1), 8), new("101", at, 7));
        await _server.WaitForAsync(chain!.Value, ChainState.Done);

        var snapshots = await SnapshotsAsync();
        Assert.Equal(
            [(_one, "2026-06-13T23:00:01", 0, at, Confirmed.Yes), (_two, "2026-06-13T23:00:01", 3, at.AddSeconds(1), Confirmed.Yes)],
            snapshots.Select(static s => (s.DatasetId, s.Name, s.HistoryId, s.CreatedAt, s.Confirmed)));
    }

    [Fact]
    public async Task A_dataset_that_is_worked_on_is_left_out()
    {
        await _server.CreateDownloadAsync(await _server.AddSnapshotAsync(_one, "2026-06-12T23:00:01"));
        await _server.Node.NextAsync(Cancel);
        await TakeAsync(_one, _two);
        Assert.Equal(["102"], (await _server.Node.NextAsync(Cancel)).Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.Datasets);
        Assert.Null(await TakeAsync(_one, _two));
    }

    [Fact]
    public async Task One_that_is_locked_at_the_last_moment_costs_the_others_nothing()
    {
        var row = await _server.QueryAsync(db => db.DatasetInPools.SingleAsync(i => i.DatasetId == _one, Cancel));
        await using var scope = _server.Services.CreateAsyncScope();
        var behind = new BehindTheDoor(() => _server.UseAsync<ChainStarter, StartedChain<bool>>((chains, _) => chains.StartAsync(new("update", "Change dataset"), 1, async chain =>
        {
            await chain.LockAsync<DatasetInPool>(row.Id, Cancel);
            chain.Append(_server.Installation.NodeId, TransactionType.SetDataset, new System.Text.Json.Nodes.JsonObject());
            return true;
        }, Cancel)));
        await using var db = behind.Watch(scope.ServiceProvider.GetRequiredService<VpsAdminDb>());
        var group = new GroupSnapshots(db, ActivatorUtilities.CreateInstance<ChainStarter>(scope.ServiceProvider, db), TimeProvider.System);

        Assert.NotNull(await group.StartAsync(_server.Installation.PoolId, [_one, _two], 1, Cancel));
        await _server.Node.NextAsync(Cancel);
        Assert.Equal(["102"], (await _server.Node.NextAsync(Cancel)).Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.Datasets);
    }

    [Fact]
    public async Task One_that_fails_takes_all_back()
    {
        var chain = await TakeAsync(_one, _two);
        _server.Node.Fail(await _server.Node.NextAsync(Cancel));
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain!.Value, ChainState.Failed);
        Assert.Empty(await SnapshotsAsync());
    }

    [Fact]
    public async Task An_answer_that_lacks_a_dataset_is_a_failure()
    {
        var chain = await TakeAsync(_one, _two);
        Succeed(await _server.Node.NextAsync(Cancel), "2026-06-13T23:00:01", new TakenSnapshot("101", DateTimeOffset.UnixEpoch, 7));
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain!.Value, ChainState.Failed);
        Assert.Empty(await SnapshotsAsync());
    }

    [Fact]
    public async Task A_dataset_that_the_pool_has_not_got_costs_the_others_nothing_and_is_told()
    {
        using var log = new CapturedLog();
        _server.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        var chain = await TakeAsync(_one, _two);
        var work = await _server.Node.NextAsync(Cancel);
        Assert.True(work.Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.LeaveOutMissing);
        _server.Node.Succeed(work, Answer(new("2026-06-13T23:00:01", [new("102", DateTimeOffset.UnixEpoch, 7)], ["101"])));
        await _server.WaitForAsync(chain!.Value, ChainState.Done);

        Assert.Equal([(_two, "2026-06-13T23:00:01", Confirmed.Yes)], (await SnapshotsAsync()).Select(static s => (s.DatasetId, s.Name, s.Confirmed)));
        Assert.Equal([_two], await _server.QueryAsync(db => db.SnapshotInPools.Where(static c => c.Confirmed == Confirmed.Yes).Select(static c => c.Snapshot.DatasetId).ToListAsync(Cancel)));
        Assert.Contains("101", Assert.Single(log.Lines, static line => line.StartsWith("Warning VpsAdmin.Server.Chains.", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(0, await _server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Where_all_of_them_are_needed_one_that_is_left_out_is_a_failure()
    {
        var chain = (await _server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("clone", "Clone VPS"), 1, async builder =>
            await new GroupSnapshots(db, chains, TimeProvider.System).AppendAsync(builder, await db.DatasetInPools.Select(static i => i.Id).ToListAsync(Cancel), Cancel), Cancel))).ChainId;
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel), Answer(new("2026-06-13T23:00:01", [new("102", DateTimeOffset.UnixEpoch, 7)], ["101"])));
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain, ChainState.Failed);
        Assert.Empty(await SnapshotsAsync());
    }

    private static System.Text.Json.Nodes.JsonNode? Answer(CreateSnapshotsOutput output) => JsonSerializer.SerializeToNode(output, NodeJson.Default.CreateSnapshotsOutput);

    private void Succeed(TransactionMessage work, string name, params TakenSnapshot[] snapshots) =>
        _server.Node.Succeed(work, JsonSerializer.SerializeToNode(new CreateSnapshotsOutput(name, snapshots), NodeJson.Default.CreateSnapshotsOutput));

    private Task<long?> TakeAsync(params long[] datasets) =>
        _server.UseAsync<GroupSnapshots, long?>((group, _) => group.StartAsync(_server.Installation.PoolId, datasets, 1, Cancel));

    private Task<List<Snapshot>> SnapshotsAsync() => _server.QueryAsync(db => db.Snapshots.OrderBy(static s => s.DatasetId).ToListAsync(Cancel));

    /// <summary>Does something just before the first database transaction of a context begins.</summary>
    private sealed class BehindTheDoor(Func<Task> once) : DbTransactionInterceptor
    {
        private Func<Task>? _once = once;

        public VpsAdminDb Watch(VpsAdminDb db) => TestDatabase.Watched(db, this);

        public override async ValueTask<InterceptionResult<System.Data.Common.DbTransaction>> TransactionStartingAsync(
            System.Data.Common.DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<System.Data.Common.DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref _once, null) is { } act)
                await act();
            return result;
        }
    }
}
