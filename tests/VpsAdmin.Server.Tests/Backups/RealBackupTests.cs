using Microsoft.EntityFrameworkCore;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;
using Snapshot = VpsAdmin.Client.Snapshot;

namespace VpsAdmin.Server.Tests.Backups;

/// <summary>Backups, histories and increments on a real ZFS, through the API.</summary>
public sealed class RealBackupTests(RealServer server) : IClassFixture<RealServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dataset_that_is_missing_on_the_pool_costs_no_other_its_nightly_snapshot()
    {
        server.Require();
        var (there, missing) = ((await server.CreateVpsAsync()).Dataset!, (await server.CreateVpsAsync()).Dataset!);
        await server.Zfs.DestroyAsync($"{server.Filesystem}/{missing.Label}", Cancel);
        long[] both = [there.Id, missing.Id];
        var chain = await server.UseAsync<GroupSnapshots, long?>(group => group.StartAsync(server.Installation.PoolId, both, 1, Cancel));
        await server.WaitForEndAsync(chain!.Value);

        var taken = Assert.Single(await server.Zfs.ListSnapshotsAsync($"{server.Filesystem}/{there.Label}", 0, Cancel));
        Assert.Equal(
            [(there.Id, taken.Name.Name, Confirmed.Yes)],
            (await server.QueryAsync(db => db.Snapshots.Where(s => both.Contains(s.DatasetId)).ToListAsync(Cancel))).Select(static s => (s.DatasetId, s.Name, s.Confirmed)));
        Assert.Contains(missing.Label!, await server.QueryAsync(db => db.Transactions.Where(t => t.ChainId == chain).Select(static t => t.Output).SingleAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_with_a_backup_splits_the_history_and_both_parts_can_be_exported()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var folder = await server.FolderAsync(dataset.Label!);
        var taken = new List<Snapshot>();
        foreach (var text in new[] { "one", "two", "three", "four" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await server.TakeSnapshotAsync(dataset.Id));
            if (text is "two")
                await server.BackUpAsync(dataset.Id);
        }

        await server.RollBackAsync(taken[1]);
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 1), (taken[2].Name, 0), (taken[3].Name, 0)], await server.HistoriesAsync(dataset.Id));
        Assert.Equal(1, await server.CurrentHistoryAsync(dataset.Id));
        Assert.Equal([taken[0].Name, taken[1].Name], await OnPoolAsync($"{server.Filesystem}/{dataset.Label}"));
        Assert.Equal([taken[2].Name, taken[3].Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));

        // The history goes on, and the next backup with it.
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), "five", Cancel);
        var five = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        Assert.Equal([taken[0].Name, taken[1].Name, five.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[1].Name}.0"));

        // Both ends in one branch: an increment of either history.
        Assert.True((await server.ExportAsync(five.Id, ExportFormat.IncrementalStream, taken[0].Id)).Ready);
        var left = await server.ExportAsync(taken[3].Id, ExportFormat.IncrementalStream, taken[2].Id);
        Assert.Contains($"/{server.Installation.Backups[0].PoolId}/", left.Url.AbsolutePath, StringComparison.Ordinal);
        using var http = new HttpClient();
        var bytes = await http.GetByteArrayAsync(left.Url, Cancel);
        Assert.Equal(left.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    [Fact]
    public async Task A_snapshot_that_only_the_backup_has_comes_back()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var folder = await server.FolderAsync(dataset.Label!);
        var taken = new List<Snapshot>();
        foreach (var text in new[] { "one", "two", "three" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await server.TakeSnapshotAsync(dataset.Id));
        }
        await server.BackUpAsync(dataset.Id);
        await server.RollBackAsync(taken[0]);

        await server.RollBackAsync(taken[2]);
        Assert.Equal("three", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 2), (taken[2].Name, 2)], await server.HistoriesAsync(dataset.Id));
        Assert.Equal(2, await server.CurrentHistoryAsync(dataset.Id));

        var four = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        Assert.Equal([taken[1].Name, taken[2].Name, four.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));
    }

    [Fact]
    public async Task An_increment_whose_base_alone_is_backed_up_is_transferred_first()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var one = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        var two = await server.TakeSnapshotAsync(dataset.Id);

        var export = await server.ExportAsync(two.Id, ExportFormat.IncrementalStream, one.Id);
        Assert.Contains($"/{server.Installation.Backups[0].PoolId}/", export.Url.AbsolutePath, StringComparison.Ordinal);
        Assert.Equal([one.Name, two.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{one.Name}.0"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_increment_with_ends_in_two_branches_is_refused_and_leaves_nothing(bool likeOneHistory)
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var taken = new List<Snapshot>();
        for (var i = 0; i < 4; i++)
            taken.Add(await server.TakeSnapshotAsync(dataset.Id));
        await server.BackUpAsync(dataset.Id);
        await server.RollBackAsync(taken[1]);
        var (from, to) = ($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[1].Name}.0", $"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[0].Name}.0");
        Assert.Equal([taken[0].Name, taken[1].Name], await OnPoolAsync(from));
        Assert.Equal([taken[2].Name, taken[3].Name], await OnPoolAsync(to));
        // Databases of older servers have such histories (BUG-1, BUG-30): the id does not tell, the branches do.
        if (likeOneHistory)
            await server.QueryAsync(db => db.Snapshots.Where(s => s.DatasetId == dataset.Id).ExecuteUpdateAsync(static set => set.SetProperty(static s => s.HistoryId, 0), Cancel));

        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => server.Admin.CreateDownloadAsync(taken[3].Id, taken[1].Id, ExportFormat.IncrementalStream, sendMail: false, Cancel));
        if (likeOneHistory)
            Assert.Equal("snapshots do not have a common available source for incremental download", refused.ServerMessage);
        Assert.Empty(await server.Admin.GetDownloadsAsync(taken[3].Id, Cancel));
        Assert.False(await server.QueryAsync(db => db.ResourceLocks.AnyAsync(Cancel)));

        // Each half by itself is whole: the one that is left in the backup alone, and the one that VPSes go on with.
        Assert.True((await server.ExportAsync(taken[3].Id, ExportFormat.IncrementalStream, taken[2].Id)).Ready);
        Assert.True((await server.ExportAsync(taken[1].Id, ExportFormat.IncrementalStream, taken[0].Id)).Ready);
    }

    [Fact]
    public async Task An_increment_whose_ends_the_backup_has_in_two_branches_is_taken_from_the_pool_that_has_both()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var one = await server.TakeSnapshotAsync(dataset.Id);
        var two = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        // Left over from another tree of the backup, whose base was rotated away there.
        await server.QueryAsync(async db =>
        {
            var copy = await db.SnapshotInBranches.Include(static s => s.Branch).ThenInclude(static b => b.Tree).SingleAsync(s => s.SnapshotInPool.SnapshotId == one.Id, Cancel);
            copy.Branch = new() { Tree = copy.Branch.Tree, Name = one.Name, Index = 1, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes };
            return await db.SaveChangesAsync(Cancel);
        });

        var export = await server.ExportAsync(two.Id, ExportFormat.IncrementalStream, one.Id);
        Assert.DoesNotContain($"/{server.Installation.Backups[0].PoolId}/", export.Url.AbsolutePath, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Equal(export.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await http.GetByteArrayAsync(export.Url, Cancel))));
    }

    private async Task<IEnumerable<string>> OnPoolAsync(string dataset) =>
        (await server.Zfs.ListSnapshotsAsync(dataset, depth: 0, Cancel)).Select(static s => s.Name.Name);
}
