using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Client;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Transfers;

/// <summary>Backups on another node, on a real ZFS, through the API.</summary>
public sealed class FarBackupTests(FarServer cluster) : IClassFixture<FarServer>
{
    private RealServer Server => cluster.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_on_another_node_grows_branches_after_a_rollback_and_both_parts_can_be_exported_there()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        var folder = await Server.FolderAsync(dataset.Label!);
        var taken = new List<Client.Snapshot>();
        foreach (var text in new[] { "one", "two", "three", "four" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await Server.TakeSnapshotAsync(dataset.Id));
            if (text is "two")
                await BackUpAsync(dataset.Id);
        }

        await Server.RollBackAsync(taken[1]);
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 1), (taken[2].Name, 0), (taken[3].Name, 0)], await Server.HistoriesAsync(dataset.Id));
        Assert.Equal([taken[2].Name, taken[3].Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));

        await File.WriteAllTextAsync(Path.Combine(folder, "file"), "five", Cancel);
        var five = await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        Assert.Equal([taken[0].Name, taken[1].Name, five.Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{taken[1].Name}.0"));

        await RequireExportThereAsync(await Server.ExportAsync(five.Id, ExportFormat.IncrementalStream, taken[0].Id));
        await RequireExportThereAsync(await Server.ExportAsync(taken[3].Id, ExportFormat.IncrementalStream, taken[2].Id));
    }

    [Fact]
    public async Task A_snapshot_that_only_the_other_node_has_comes_back()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        var folder = await Server.FolderAsync(dataset.Label!);
        var taken = new List<Client.Snapshot>();
        foreach (var text in new[] { "one", "two", "three" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await Server.TakeSnapshotAsync(dataset.Id));
        }
        await BackUpAsync(dataset.Id);
        await Server.RollBackAsync(taken[0]);
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));

        await Server.RollBackAsync(taken[2]);
        Assert.Equal("three", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 2), (taken[2].Name, 2)], await Server.HistoriesAsync(dataset.Id));

        var four = await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        Assert.Equal([taken[1].Name, taken[2].Name, four.Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));
    }

    [Fact]
    public async Task An_increment_whose_base_alone_is_on_the_other_node_is_transferred_there_first()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        var one = await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        var two = await Server.TakeSnapshotAsync(dataset.Id);

        await RequireExportThereAsync(await Server.ExportAsync(two.Id, ExportFormat.IncrementalStream, one.Id));
        Assert.Equal([one.Name, two.Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{one.Name}.0"));
    }

    [Fact]
    public async Task Rotation_on_the_other_node_keeps_what_the_next_backup_goes_on_from()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        var taken = new List<Client.Snapshot>();
        for (var i = 0; i < 3; i++)
            taken.Add(await Server.TakeSnapshotAsync(dataset.Id));
        await BackUpAsync(dataset.Id);
        var inPool = await Server.QueryAsync(async db =>
        {
            var backup = await db.DatasetInPools.SingleAsync(i => i.DatasetId == dataset.Id && i.PoolId == cluster.Far.BackupId, Cancel);
            (backup.MinSnapshots, backup.MaxSnapshots) = (1, 1);
            await db.SaveChangesAsync(Cancel);
            return backup.Id;
        });
        var chain = await Server.UseAsync<SnapshotRotation, long?>(rotation => rotation.StartAsync(inPool, 1, Cancel));
        await Server.Admin.WaitAsync(chain, null, Cancel);
        Assert.Equal([taken[2].Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));

        var four = await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        Assert.Equal([taken[2].Name, four.Name], await OnVaultAsync($"{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));
    }

    [Fact]
    public async Task What_the_two_nodes_know_each_other_by_is_shown_to_nobody_and_forgotten_at_the_end()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        var transactions = (await Server.Admin.Api.CallAsync("transaction#index", [], null, null, Cancel)).List;
        var sent = transactions.First(static t => (string?)t["name"] == nameof(TransactionType.SendSnapshots));
        Assert.True((long)sent["sent_bytes"]! > 0);
        Assert.Null(sent["input"]!["Credential"]);
        Assert.All(await Server.QueryAsync(db => db.Transactions.ToListAsync(Cancel)), static t => Assert.Null(t.Secret));
    }

    [Fact]
    public async Task A_node_that_takes_no_streams_is_refused_before_anything_begins()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        await Server.TakeSnapshotAsync(dataset.Id);
        var pool = await Server.QueryAsync(async db =>
        {
            var pool = new Data.Pool { Node = new() { Name = "deaf", DomainName = $"deaf{dataset.Id}.example.org" }, Label = "deaf", Filesystem = "deaf/vps", Role = PoolRole.Backup };
            db.Pools.Add(pool);
            await db.SaveChangesAsync(Cancel);
            return pool.Id;
        });
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => Server.UseAsync<DatasetBackup, long?>(backup => backup.StartAsync(dataset.Id, pool, 1, Cancel)));
        Assert.Contains($"node deaf{dataset.Id}.example.org takes no streams", refused.Message, StringComparison.Ordinal);
        Assert.False(await Server.QueryAsync(db => db.DatasetInPools.AnyAsync(i => i.PoolId == pool, Cancel)));
    }

    [Fact]
    public async Task A_backup_that_has_been_tampered_with_is_left_alone_and_the_chain_fails()
    {
        Server.Require();
        var dataset = (await Server.CreateVpsAsync()).Dataset!;
        var one = await Server.TakeSnapshotAsync(dataset.Id);
        await BackUpAsync(dataset.Id);
        var branch = $"{FarNode.Backup(Server)}/{dataset.Label}/tree.0/branch-{one.Name}.0";
        await Server.Zfs.SnapshotAsync(new(branch, "mine"), Cancel);
        await Server.TakeSnapshotAsync(dataset.Id);

        var chain = await Server.UseAsync<DatasetBackup, long?>(backup => backup.StartAsync(dataset.Id, cluster.Far.BackupId, 1, Cancel));
        await Server.WaitForEndAsync(chain!.Value);
        var failed = await Server.QueryAsync(db => db.TransactionChains.Include(static c => c.Transactions).SingleAsync(c => c.Id == chain, Cancel));
        Assert.Equal(ChainState.Failed, failed.State);
        Assert.Contains("newest snapshot is mine", failed.Transactions.Single(static t => t.Error is not null).Error, StringComparison.Ordinal);
        Assert.Equal([one.Name, "mine"], (await Server.Zfs.ListSnapshotsAsync(branch, 0, Cancel)).Select(static s => s.Name.Name));
    }

    private Task BackUpAsync(long datasetId) => Server.BackUpAsync(datasetId, cluster.Far.BackupId);

    private async Task<IEnumerable<string>> OnVaultAsync(string dataset) =>
        (await Server.Zfs.ListSnapshotsAsync($"{FarNode.Backup(Server)}/{dataset}", depth: 0, Cancel)).Select(static s => s.Name.Name);

    private async Task RequireExportThereAsync(Client.SnapshotDownload export)
    {
        Assert.True(export.Ready);
        Assert.Contains($"/far.example.org/{cluster.Far.BackupId}/", export.Url.AbsolutePath, StringComparison.Ordinal);
        var folder = (await Server.Zfs.GetFilesystemAsync(FarNode.Backup(Server) + "/vpsadmin/download", Cancel)).Mountpoint!;
        var file = Path.Combine([folder, .. export.Url.AbsolutePath.Split('/')[^2..]]);
        Assert.Equal(export.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Cancel))));
    }
}
