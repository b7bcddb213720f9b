using System.Net;
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

/// <summary>A VPS that is cloned, step by step; the nodes are the test's.</summary>
public sealed class VpsCloneTests : AdministratorTests
{
    /// <summary>Of a VPS with one dataset below its root, on its own node.</summary>
    private static readonly TransactionType[] Clone =
    [
        TransactionType.CreateSnapshots, TransactionType.LocalSend, TransactionType.LocalSend, TransactionType.SetDataset, TransactionType.ConfigureVps, TransactionType.StartVps,
    ];

    private static readonly DateTimeOffset Taken = new(2016, 6, 14, 12, 0, 0, TimeSpan.Zero);

    private long _vps;

    protected override async Task PrepareAsync()
    {
        await Server.LetVpsesRunAsync();
        _vps = await Server.AddVpsAsync();
        var below = await Server.AddDatasetAsync($"{_vps}/data");
        await Server.QueryAsync(db => db.Datasets.Where(d => d.Id == below).ExecuteUpdateAsync(static set => set.SetProperty(static d => d.LocalProperties, """{"quota":1024}""")));
        await Server.QueryAsync(db => db.Vpses.ExecuteUpdateAsync(static set => set.SetProperty(static v => v.Memory, 512)));
    }

    [Fact]
    public async Task It_has_the_data_and_limits_and_no_addresses_and_the_other_goes_on_running()
    {
        var (id, chain) = await CloneAsync();
        var works = await SucceedAsync([.. Clone, TransactionType.DestroySnapshot, TransactionType.DestroySnapshot]);
        await Server.WaitForAsync(chain, ChainState.Done);

        var (vps, clone) = (await Server.VpsAsync(_vps), await Server.VpsAsync(id));
        Assert.Equal(("copy", true, "busybox", 512, ""), (clone.Hostname, clone.IsRunning, clone.Template, clone.Memory, clone.IpAddresses));
        Assert.Equal((true, "192.0.2.7/24"), (vps.IsRunning, vps.IpAddresses));
        Assert.Equal((0, 0), (vps.StatusSequence % 2, clone.StatusSequence % 2));
        var datasets = await Server.QueryAsync(db => db.Datasets.Include(static d => d.Parent).Where(d => d.Id == clone.DatasetId || d.FullName == $"{id}/data").OrderBy(static d => d.FullName).ToListAsync());
        Assert.Equal([$"{id}", $"{id}/data"], datasets.Select(static d => d.FullName));
        Assert.All(datasets, static d => Assert.Equal(Confirmed.Yes, d.Confirmed));
        Assert.Equal("""{"quota":1024}""", datasets[1].LocalProperties);

        // What is destroyed in the end is what came along, and nothing of the other's.
        var sent = works.Where(static w => w.Type is TransactionType.LocalSend).Select(static w => w.Input.Deserialize(NodeJson.Default.LocalSendInput)!).ToList();
        Assert.All(sent, static s => Assert.Equal((true, "2016-06-14T12:00:00"), (s.Mount, s.Snapshots.Single())));
        Assert.Equal([$"{_vps}", $"{_vps}/data"], sent.Select(static s => s.Dataset));
        var destroyed = works.Where(static w => w.Type is TransactionType.DestroySnapshot).Select(static w => w.Input.Deserialize(NodeJson.Default.DestroySnapshotInput)!);
        Assert.Equal([($"{id}", "2016-06-14T12:00:00"), ($"{id}/data", "2016-06-14T12:00:00")], destroyed.Select(static d => (d.Dataset, d.Snapshot)));
        Assert.Equal([$"{_vps}", $"{_vps}/data"], await Server.QueryAsync(static db => db.Snapshots.Select(static s => s.Dataset.FullName).OrderBy(static n => n).ToListAsync()));
    }

    [Fact]
    public async Task On_another_node_it_comes_by_the_network()
    {
        var target = await Server.AddNodeAsync();
        var (id, chain) = await CloneAsync(target, start: false);
        TransactionType[] transfer = [TransactionType.ReceiveSnapshots, TransactionType.SendSnapshots, TransactionType.CheckReceived];
        await SucceedAsync([TransactionType.CreateSnapshots, .. transfer, .. transfer, TransactionType.SetDataset, TransactionType.ConfigureVps, TransactionType.DestroySnapshot, TransactionType.DestroySnapshot]);
        await Server.WaitForAsync(chain, ChainState.Done);
        var clone = await Server.VpsAsync(id);
        Assert.Equal((target, false), (clone.NodeId, clone.IsRunning));
    }

    public static TheoryData<int> Steps => [.. Enumerable.Range(0, Clone.Length)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Whatever_fails_nothing_of_it_is_left(int step)
    {
        var (_, chain) = await CloneAsync();
        await SucceedAsync(Clone[..step]);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        for (var undone = step; undone >= 0; undone--)
        {
            var undo = await Server.Node.NextAsync(Cancel);
            Assert.Equal((Clone[undone], true), (undo.Type, undo.Rollback));
            Server.Node.Succeed(undo);
        }
        await Server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(_vps, (await Server.QueryAsync(static db => db.Vpses.SingleAsync())).Id);
        Assert.Equal(2, await Server.QueryAsync(static db => db.Datasets.CountAsync()));
        Assert.Equal(0, await Server.QueryAsync(static db => db.Snapshots.CountAsync()));
        Assert.Equal(0, await Server.QueryAsync(static db => db.ResourceLocks.CountAsync()));
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_destroyed_holds_nothing_up()
    {
        var (id, chain) = await CloneAsync();
        await SucceedAsync(Clone);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.True((await Server.VpsAsync(id)).IsRunning);
    }

    [Fact]
    public async Task It_is_an_administrators_and_of_a_vps_that_is_there()
    {
        await Server.AddUserAsync("alice");
        using var alice = await Server.ConnectAsync("alice", "alice-password");
        Assert.False(alice.Has("vps#clone"));
        var missing = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#clone", [_vps + 1], new JsonObject { ["hostname"] = "copy" }, null, Cancel));
        Assert.Equal(HttpStatusCode.NotFound, missing.HttpStatus);
        await Server.LetVpsesRunAsync(refusal: "No LXC.");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#clone", [_vps], new JsonObject { ["hostname"] = "copy" }, null, Cancel));
        Assert.EndsWith("does not run VPSes: No LXC.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Server.QueryAsync(static db => db.Vpses.CountAsync()));
        Assert.True(Server.Node.IsIdle);
    }

    private async Task<(long Id, long Chain)> CloneAsync(long? node = null, bool start = true)
    {
        var input = new JsonObject { ["hostname"] = "copy", ["start"] = start };
        if (node is not null)
            input["node"] = node;
        var reply = await Api.CallAsync("vps#clone", [_vps], input, null, Cancel);
        return ((long)reply.Object["id"]!, reply.ActionStateId!.Value);
    }

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

    private static JsonNode? Output(TransactionMessage work) => work.Type switch
    {
        TransactionType.SendSnapshots => JsonSerializer.SerializeToNode(new SendSnapshotsOutput(1), NodeJson.Default.SendSnapshotsOutput),
        TransactionType.CreateSnapshots => JsonSerializer.SerializeToNode(
            new CreateSnapshotsOutput("2016-06-14T12:00:00", [.. work.Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.Datasets.Select(static d => new TakenSnapshot(d, Taken, 1))]),
            NodeJson.Default.CreateSnapshotsOutput),
        _ => null,
    };
}
