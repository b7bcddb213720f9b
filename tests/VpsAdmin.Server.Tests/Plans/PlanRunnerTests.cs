using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Plans;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Plans;

public sealed class PlanRunnerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 13, 23, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Snapshots_are_taken_when_their_time_has_come_and_again_the_next_time()
    {
        await using var server = await StartAsync(new(Snapshots: "0 0 1,3 * * ?"));
        await server.AddDatasetAsync("101");
        await server.AddDatasetAsync("102");

        foreach (var hour in (int[])[1, 3])
        {
            var work = await AdvanceUntilWorkAsync(server);
            Assert.Equal(["101", "102"], work.Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!.Datasets);
            Assert.True(_time.GetUtcNow() >= new DateTimeOffset(2026, 6, 14, hour, 0, 0, TimeSpan.Zero));
            server.Node.Succeed(work, JsonSerializer.SerializeToNode(new CreateSnapshotsOutput($"2026-06-14T0{hour}:00:00",
                [new("101", _time.GetUtcNow(), 1), new("102", _time.GetUtcNow(), 2)]), NodeJson.Default.CreateSnapshotsOutput));
            await server.WaitForAsync(work.ChainId, ChainState.Done);
        }
        Assert.Equal(4, await server.QueryAsync(db => db.Snapshots.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Backups_go_to_every_backup_pool_and_a_dataset_without_snapshots_is_left_alone()
    {
        await using var server = await StartAsync(new(Backups: "0 5 1 * * ?"));
        await server.AddBackupPoolAsync();
        await server.AddDatasetAsync("empty");
        await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-12T01:00:00");

        var input = (await AdvanceUntilWorkAsync(server)).Input.Deserialize(NodeJson.Default.LocalSendInput)!;
        Assert.Equal(("101", "backup/vps", "101/tree.0/branch-2026-06-12T01:00:00.0"), (input.Dataset, input.TargetFilesystem, input.TargetDataset));
    }

    [Fact]
    public async Task Backups_go_to_all_backup_pools_in_one_night_and_none_of_them_waits_for_another()
    {
        // Once a year: whatever is not done the first time is not done in this test.
        await using var server = await StartAsync(new(Backups: "0 5 1 14 6 ?"));
        await server.AddBackupPoolAsync();
        await server.QueryAsync(async db =>
        {
            db.Pools.Add(new() { NodeId = server.Installation.NodeId, Label = "backup2", Filesystem = "backup2/vps", Role = PoolRole.Backup });
            return await db.SaveChangesAsync(Cancel);
        });
        string[] datasets = ["101", "102", "103", "104"];
        foreach (var name in datasets)
            await server.AddSnapshotAsync(await server.AddDatasetAsync(name), "2026-06-12T01:00:00");

        var backups = new List<(string Dataset, string Pool)>();
        for (var round = 1; round <= 2; round++)
        {
            var works = new List<TransactionMessage>();
            foreach (var _ in datasets)
                works.Add(await AdvanceUntilWorkAsync(server));
            var sent = works.ConvertAll(static w => w.Input.Deserialize(NodeJson.Default.LocalSendInput)!);
            Assert.Equal(2, sent.Count(static i => i.TargetFilesystem == "backup/vps"));
            backups.AddRange(sent.Select(static i => (i.Dataset, i.TargetFilesystem)));
            works.ForEach(work => server.Node.Succeed(work));
        }
        Assert.Equal(datasets.SelectMany(static d => new[] { (d, "backup/vps"), (d, "backup2/vps") }), backups.Order());
        await server.WaitUntilAsync(db => db.TransactionChains.AllAsync(static c => c.State == ChainState.Done, Cancel));
    }

    [Fact]
    public async Task Rotation_keeps_what_no_backup_has_and_where_the_next_backup_goes_on()
    {
        await using var server = await StartAsync(new(Rotation: "0 30 1 * * ?"));
        var dataset = await server.AddDatasetAsync("101");
        var snapshots = new List<long>();
        for (var day = 1; day <= 5; day++)
            snapshots.Add(await server.AddSnapshotAsync(dataset, $"2026-05-0{day}T01:00:00"));
        await server.AddBackupAsync(dataset, await server.AddBackupPoolAsync(), snapshots[0], snapshots[1], snapshots[2]);
        await server.QueryAsync(db => db.DatasetInPools.Where(static i => i.Pool.Role != PoolRole.Backup)
            .ExecuteUpdateAsync(static set => set.SetProperty(static i => i.MinSnapshots, 1), Cancel));

        var first = await AdvanceUntilWorkAsync(server);
        server.Node.Succeed(first);
        var second = await server.Node.NextAsync(Cancel);
        server.Node.Succeed(second);
        await server.WaitForAsync(first.ChainId, ChainState.Done);
        Assert.Equal(
            ["tank/vps/101@2026-05-01T01:00:00", "tank/vps/101@2026-05-02T01:00:00"],
            new[] { first, second }.Select(static w => w.Input.Deserialize(NodeJson.Default.DestroySnapshotInput)!).Select(static i => $"{i.Filesystem}/{i.Dataset}@{i.Snapshot}"));
        // Still in the backup.
        Assert.Equal(5, await server.QueryAsync(db => db.Snapshots.CountAsync(Cancel)));
    }

    [Fact]
    public async Task One_that_somebody_holds_keeps_no_other_from_going()
    {
        await using var server = await StartAsync(new(Rotation: "0 30 1 * * ?"));
        var dataset = await server.AddDatasetAsync("101");
        for (var day = 1; day <= 3; day++)
            await server.AddSnapshotAsync(dataset, $"2026-05-0{day}T01:00:00");
        await server.QueryAsync(db => db.DatasetInPools.ExecuteUpdateAsync(static set => set.SetProperty(static i => i.MinSnapshots, 1), Cancel));

        var held = await AdvanceUntilWorkAsync(server);
        server.Node.Fail(held);
        var next = await server.Node.NextAsync(Cancel);
        Assert.Equal("2026-05-02T01:00:00", next.Input.Deserialize(NodeJson.Default.DestroySnapshotInput)!.Snapshot);
        server.Node.Succeed(next);
        await server.WaitForAsync(held.ChainId, ChainState.Done);
        Assert.Equal(["2026-05-01T01:00:00", "2026-05-03T01:00:00"], await server.QueryAsync(db => db.Snapshots.OrderBy(static s => s.Id).Select(static s => s.Name).ToListAsync(Cancel)));
        Assert.Equal([Confirmed.Yes, Confirmed.Yes], await server.QueryAsync(db => db.SnapshotInPools.Select(static s => s.Confirmed).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task One_that_fails_keeps_no_other_from_its_turn()
    {
        await using var server = await StartAsync(new(Backups: "0 5 1 * * ?"));
        await server.AddBackupPoolAsync();
        // On no pool at all, as nothing should be.
        await server.QueryAsync(async db =>
        {
            db.Datasets.Add(new() { FullName = "nowhere", UserId = 1, CreatedAt = _time.GetUtcNow(), Confirmed = Confirmed.Yes });
            return await db.SaveChangesAsync(Cancel);
        });
        await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-12T01:00:00");
        Assert.Equal("101", (await AdvanceUntilWorkAsync(server)).Input.Deserialize(NodeJson.Default.LocalSendInput)!.Dataset);
    }

    [Fact]
    public async Task A_branch_that_was_left_goes_with_its_last_snapshot_and_frees_what_it_began_behind()
    {
        await using var server = await StartAsync(new(Rotation: "0 30 1 * * ?"));
        var dataset = await server.AddDatasetAsync("101");
        var snapshots = new List<long>();
        for (var day = 1; day <= 3; day++)
            snapshots.Add(await server.AddSnapshotAsync(dataset, $"2026-05-0{day}T01:00:00"));
        var head = await server.AddBackupAsync(dataset, await server.AddBackupPoolAsync(), snapshots[0], snapshots[1], snapshots[2]);
        // As after a rollback to the first, with only the third left of what was behind it.
        await server.QueryAsync(async db =>
        {
            var copies = await db.SnapshotInBranches.Include(static s => s.SnapshotInPool).OrderBy(static s => s.Id).ToListAsync(Cancel);
            var left = new Branch { TreeId = (await db.Branches.SingleAsync(Cancel)).TreeId, Name = "left", Index = 0, CreatedAt = _time.GetUtcNow(), Confirmed = Confirmed.Yes };
            db.Branches.Add(left);
            (copies[0].Branch, copies[0].SnapshotInPool.ReferenceCount) = (left, 0);
            (copies[1].SnapshotInPool.ReferenceCount, copies[0].Origin) = (1, copies[1]);
            await db.DatasetInPools.Where(static i => i.Pool.Role == PoolRole.Backup).ExecuteUpdateAsync(static set => set.SetProperty(static i => i.MinSnapshots, 2), Cancel);
            return await db.SaveChangesAsync(Cancel);
        });

        var destroy = await AdvanceUntilWorkAsync(server);
        Assert.Equal("101/tree.0/branch-left.0", destroy.Input.Deserialize(NodeJson.Default.DestroySnapshotInput)!.Dataset);
        server.Node.Succeed(destroy);
        var branch = await server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.DestroyDataset, "101/tree.0/branch-left.0"), (branch.Type, branch.Input.Deserialize(NodeJson.Default.DestroyDatasetInput)!.Dataset));
        server.Node.Succeed(branch);
        await server.WaitForAsync(destroy.ChainId, ChainState.Done);
        Assert.Equal([head], await server.QueryAsync(db => db.Branches.Select(static b => b.Id).ToListAsync(Cancel)));
        Assert.Equal(0, await server.QueryAsync(db => db.SnapshotInPools.SumAsync(static c => c.ReferenceCount, Cancel)));
    }

    [Fact]
    public async Task A_tree_that_was_left_goes_with_its_last_branch_and_the_head_stays()
    {
        await using var server = await StartAsync(new(Rotation: "0 30 1 * * ?"));
        var dataset = await server.AddDatasetAsync("101");
        var (left, common) = (await server.AddSnapshotAsync(dataset, "2026-05-01T01:00:00"), await server.AddSnapshotAsync(dataset, "2026-05-02T01:00:00"));
        var pool = await server.AddBackupPoolAsync();
        await server.AddBackupAsync(dataset, pool, left);
        // As after a reinstall: nothing was left in common, and backups go to a new tree.
        await server.QueryAsync(async db =>
        {
            var inPool = await db.DatasetInPools.SingleAsync(static i => i.Pool.Role == PoolRole.Backup, Cancel);
            inPool.MinSnapshots = 1;
            (await db.DatasetTrees.SingleAsync(Cancel)).IsHead = false;
            var branch = new Branch
            {
                Tree = new() { DatasetInPool = inPool, Index = 1, IsHead = true, CreatedAt = _time.GetUtcNow(), Confirmed = Confirmed.Yes },
                Name = "2026-05-02T01:00:00", Index = 0, IsHead = true, CreatedAt = _time.GetUtcNow(), Confirmed = Confirmed.Yes,
            };
            branch.Snapshots.Add(new() { SnapshotInPool = new() { SnapshotId = common, DatasetInPool = inPool, Confirmed = Confirmed.Yes }, Confirmed = Confirmed.Yes });
            db.Branches.Add(branch);
            return await db.SaveChangesAsync(Cancel);
        });

        var work = await AdvanceUntilWorkAsync(server);
        Assert.Equal(TransactionType.DestroySnapshot, work.Type);
        server.Node.Succeed(work);
        foreach (var emptied in new[] { "101/tree.0/branch-2026-05-01T01:00:00.0", "101/tree.0" })
        {
            work = await server.Node.NextAsync(Cancel);
            Assert.Equal((TransactionType.DestroyDataset, emptied), (work.Type, work.Input.Deserialize(NodeJson.Default.DestroyDatasetInput)!.Dataset));
            server.Node.Succeed(work);
        }
        await server.WaitForAsync(work.ChainId, ChainState.Done);
        Assert.Equal([1], await server.QueryAsync(db => db.DatasetTrees.Select(static t => t.Index).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Of_a_dataset_that_is_gone_meanwhile_nothing_is_destroyed()
    {
        await using var server = await StartAsync(new());
        Assert.Null(await server.UseAsync<SnapshotRotation, long?>((rotation, _) => rotation.StartAsync(datasetInPoolId: 4711, userId: 1, Cancel)));
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("0 0 25 * * ?")]
    public void A_time_that_is_none_is_refused(string cron) =>
        Assert.Contains("is not a time", Assert.Throws<SetupException>(() => new PlanOptions(Snapshots: cron).Check()).Message, StringComparison.Ordinal);

    private Task<RunningServer> StartAsync(PlanOptions plans) => RunningServer.StartAsync(_time, configure: options => options with { Plans = plans });

    /// <summary>Lets time pass until there is work; how much passes until the test sees it is not certain.</summary>
    private async Task<TransactionMessage> AdvanceUntilWorkAsync(RunningServer server)
    {
        var work = server.Node.NextAsync(Cancel);
        while (!work.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(30));
            await Task.WhenAny(work, Task.Run(() => server.QueryAsync(db => db.Datasets.CountAsync(Cancel)), Cancel));
        }
        return await work;
    }
}
