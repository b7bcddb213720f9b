using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>A VPS that moves, step by step; the nodes are the test's.</summary>
public sealed class VpsMoveTests : AdministratorTests
{
    private static readonly TransactionType[] Transfer = [TransactionType.ReceiveSnapshots, TransactionType.SendSnapshots, TransactionType.CheckReceived];

    private static readonly TransactionType[] Move =
    [
        TransactionType.CreateSnapshots, .. Transfer, TransactionType.CreateSnapshots, .. Transfer, TransactionType.StopVps, TransactionType.CreateSnapshots, .. Transfer, TransactionType.ConfigureVps, TransactionType.StartVps,
    ];

    private long _vps;
    private long _target;
    private int _seconds;

    protected override async Task PrepareAsync()
    {
        await Server.LetVpsesRunAsync();
        _target = await Server.AddNodeAsync();
        _vps = await Server.AddVpsAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_on_the_other_node_with_all_that_it_had(bool cleanup)
    {
        var dataset = (await Server.VpsAsync(_vps)).DatasetId!.Value;
        var old = await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00", historyId: 3);
        var chain = await MigrateAsync(cleanup);
        var works = await SucceedAsync([.. Move, TransactionType.DestroyVps, .. cleanup ? [TransactionType.DestroyDataset] : (TransactionType[])[]]);
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.NotEqual(chain, works[^1].ChainId);
        await Server.WaitForAsync(works[^1].ChainId, ChainState.Done);
        Assert.True(Server.Node.IsIdle);
        var forget = works.Single(static w => w.Type is TransactionType.DestroyVps);
        Assert.Equal("tank/vps", forget.Input.Deserialize(NodeJson.Default.DestroyVpsInput)!.Place.Filesystem);
        Assert.Equal(Server.Installation.NodeId, await Server.QueryAsync(db => db.Transactions.Where(t => t.Id == forget.Id).Select(static t => t.NodeId).SingleAsync()));

        var vps = await Server.VpsAsync(_vps);
        Assert.Equal((_target, true), (vps.NodeId, vps.IsRunning));
        var inPool = await Server.QueryAsync(static db => db.DatasetInPools.Include(static i => i.Pool).SingleAsync());
        Assert.Equal(_target, inPool.Pool.NodeId);
        Assert.Equal(3, (await Server.QueryAsync(db => db.Snapshots.SingleAsync(s => s.Id == old))).HistoryId);
        Assert.Equal(4, await Server.QueryAsync(db => db.SnapshotInPools.CountAsync(c => c.DatasetInPoolId == inPool.Id)));

        // It keeps its addresses.
        var configured = works.Single(static w => w.Type is TransactionType.ConfigureVps).Input.Deserialize(NodeJson.Default.ConfigureVpsInput)!;
        Assert.Equal(["192.0.2.7/24"], configured.Configuration.Addresses);
        Assert.Equal("node2/vps", configured.Place.Filesystem);
    }

    [Fact]
    public async Task It_does_not_stand_still_behind_the_copies_of_others()
    {
        var chain = await MigrateAsync(cleanup: true);
        var works = await SucceedAsync(Move);
        var sent = works.FindAll(static w => w.Type is TransactionType.SendSnapshots).ConvertAll(static w => (w.Queue, w.Input.Deserialize(NodeJson.Default.SendSnapshotsInput)!.Snapshots.Count));
        Assert.Equal([("zfs_send", 1), ("vps", 1), ("vps", 1)], sent);
        var stop = works.FindIndex(static w => w.Type is TransactionType.StopVps);
        Assert.All(works[stop..], static w => Assert.Contains(w.Queue, (string[])["vps", "storage"]));
        await SucceedAsync([TransactionType.DestroyVps, TransactionType.DestroyDataset]);
        await Server.WaitForAsync(chain, ChainState.Done);
    }

    [Fact]
    public async Task Until_it_is_there_its_dataset_is_where_it_was()
    {
        var dataset = (await Server.VpsAsync(_vps)).DatasetId!.Value;
        await Server.QueryAsync(async db =>
        {
            var now = DateTimeOffset.UtcNow;
            var other = new Location { Environment = new() { Label = "Elsewhere", Domain = "example.org", CreatedAt = now }, Label = "There", Domain = "", CreatedAt = now };
            (await db.Nodes.SingleAsync(n => n.Id == _target)).Location = other;
            // The place that it goes to may have the smaller id.
            db.DatasetInPools.Add(new() { Id = -1, DatasetId = dataset, PoolId = await db.Pools.Where(p => p.NodeId == _target).Select(static p => p.Id).SingleAsync(), Confirmed = Confirmed.Create });
            return await db.SaveChangesAsync();
        });
        Assert.Equal("Production", (string?)(await Api.CallAsync("dataset#show", [dataset], null, null, Cancel)).Object["environment"]!["label"]);
    }

    public static TheoryData<int> Steps => [.. Enumerable.Range(0, Move.Length)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Whatever_fails_it_stays_where_it_was_and_runs(int step)
    {
        var chain = await MigrateAsync(cleanup: true);
        await SucceedAsync(Move[..step]);
        var failing = await Server.Node.NextAsync(Cancel);
        Assert.Equal(Move[step], failing.Type);
        Server.Node.Fail(failing);
        for (var undone = step; undone >= 0; undone--)
        {
            var undo = await Server.Node.NextAsync(Cancel);
            Assert.Equal((Move[undone], true), (undo.Type, undo.Rollback));
            Server.Node.Succeed(undo);
        }
        await Server.WaitForAsync(chain, ChainState.Failed);

        var vps = await Server.VpsAsync(_vps);
        Assert.Equal((Server.Installation.NodeId, true, "busybox"), (vps.NodeId, vps.IsRunning, vps.Template));
        Assert.Equal(Server.Installation.PoolId, (await Server.QueryAsync(static db => db.DatasetInPools.SingleAsync())).PoolId);
        Assert.Equal(0, await Server.QueryAsync(static db => db.Snapshots.CountAsync()));
        Assert.Equal(0, await Server.QueryAsync(static db => db.ResourceLocks.CountAsync()));
    }

    [Fact]
    public async Task A_node_that_does_not_clean_up_holds_nothing_up()
    {
        await MigrateAsync(cleanup: true);
        await SucceedAsync(Move);
        var cleanup = await Server.Node.NextAsync(Cancel);
        Server.Node.Fail(cleanup);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(cleanup.ChainId, ChainState.Done);
        Assert.Equal(_target, (await Server.VpsAsync(_vps)).NodeId);
    }

    [Fact]
    public async Task A_node_that_is_away_after_the_move_keeps_the_vps_from_nothing_but_coming_back()
    {
        var chain = await MigrateAsync(cleanup: true);
        await SucceedAsync(Move);
        var cleanup = await Server.Node.NextAsync(Cancel);
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.Equal(_target, (await Server.VpsAsync(_vps)).NodeId);
        Assert.Equal(0, await Server.QueryAsync(static db => db.ResourceLocks.CountAsync()));

        var back = new JsonObject { ["node"] = Server.Installation.NodeId };
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#migrate", [_vps], back.DeepClone().AsObject(), null, Cancel));
        Assert.Contains("Clean up after migration", refused.Message, StringComparison.Ordinal);

        Server.Node.Succeed(cleanup);
        await SucceedAsync([TransactionType.DestroyDataset]);
        await Server.WaitForAsync(cleanup.ChainId, ChainState.Done);
        await Server.QueryAsync(static db => db.Nodes.ExecuteUpdateAsync(static set => set.SetProperty(static n => n.StreamAddress, "192.0.2.1:4569")));
        await Api.CallAsync("vps#migrate", [_vps], back, null, Cancel);
        Assert.Equal(TransactionType.CreateSnapshots, (await Server.Node.NextAsync(Cancel)).Type);
    }

    [Fact]
    public async Task A_vps_that_is_stopped_stays_so()
    {
        await Server.QueryAsync(static db => db.Vpses.ExecuteUpdateAsync(static set => set.SetProperty(static v => v.IsRunning, false)));
        var chain = await MigrateAsync(cleanup: false);
        await SucceedAsync([.. Move[..^1], TransactionType.DestroyVps]);
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.False((await Server.VpsAsync(_vps)).IsRunning);
    }

    [Fact]
    public async Task It_does_not_move_to_where_it_is_or_to_a_node_that_cannot_run_it()
    {
        var here = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#migrate", [_vps], new JsonObject { ["node"] = Server.Installation.NodeId }, null, Cancel));
        Assert.Equal("is the one that the VPS is on", here.Errors["node"].Single());
        await Server.LetVpsesRunAsync(refusal: "No LXC.");
        var there = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#migrate", [_vps], new JsonObject { ["node"] = _target }, null, Cancel));
        Assert.EndsWith("node node2.example.org does not run VPSes: No LXC.", there.Message, StringComparison.Ordinal);
        Assert.True(Server.Node.IsIdle);
    }

    [Theory]
    [InlineData("maintenance_window")]
    [InlineData("outage_window")]
    public async Task By_itself_it_moves_outside_of_the_owners_windows_only_when_it_is_told_to(string parameter)
    {
        // Whole days from now, so that it is closed whenever this runs.
        var closed = $"{DateTime.UtcNow.AddDays(3).DayOfWeek.ToString()[..3]} 01:00-02:00";
        await Server.QueryAsync(db => db.Vpses.ExecuteUpdateAsync(set => set.SetProperty(static v => v.MaintenanceWindows, closed)));
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => MigrateAsync(cleanup: false));
        Assert.Contains(closed, refused.Errors["maintenance_window"].Single(), StringComparison.Ordinal);
        Assert.True(Server.Node.IsIdle);

        await Api.CallAsync("vps#migrate", [_vps], new JsonObject { ["node"] = _target, [parameter] = false }, null, Cancel);
        Assert.Equal(TransactionType.CreateSnapshots, (await Server.Node.NextAsync(Cancel)).Type);
    }

    [Fact]
    public async Task Other_addresses_are_refused_rather_than_forgotten()
    {
        var asked = new JsonObject { ["node"] = _target, ["replace_ip_addresses"] = true };
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#migrate", [_vps], asked, null, Cancel));
        Assert.Contains("keeps its own", refused.Errors["replace_ip_addresses"].Single(), StringComparison.Ordinal);
        Assert.True(Server.Node.IsIdle);
    }

    private async Task<long> MigrateAsync(bool cleanup) =>
        (await Api.CallAsync("vps#migrate", [_vps], new JsonObject { ["node"] = _target, ["cleanup_data"] = cleanup }, null, Cancel)).ActionStateId!.Value;

    private async Task<List<TransactionMessage>> SucceedAsync(IReadOnlyList<TransactionType> types)
    {
        var works = new List<TransactionMessage>();
        foreach (var type in types)
        {
            var work = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, false), (work.Type, work.Rollback));
            works.Add(work);
            Server.Node.Succeed(work, Output(work));
        }
        return works;
    }

    private JsonNode? Output(TransactionMessage work)
    {
        if (work.Type is TransactionType.SendSnapshots)
            return JsonSerializer.SerializeToNode(new SendSnapshotsOutput(1), NodeJson.Default.SendSnapshotsOutput);
        if (work.Type is not TransactionType.CreateSnapshots)
            return null;
        var taken = new DateTimeOffset(2016, 6, 14, 12, 0, _seconds++, TimeSpan.Zero);
        var datasets = work.Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.Datasets;
        return JsonSerializer.SerializeToNode(
            new CreateSnapshotsOutput(taken.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), [.. datasets.Select(d => new TakenSnapshot(d, taken, 1))]), NodeJson.Default.CreateSnapshotsOutput);
    }
}
