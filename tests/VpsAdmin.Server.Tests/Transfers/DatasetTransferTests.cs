using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Client;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Transfers;

namespace VpsAdmin.Server.Tests.Transfers;

/// <summary>Datasets that go to another node to be worked in there.</summary>
public sealed class DatasetTransferTests(FarServer cluster) : IClassFixture<FarServer>
{
    private RealServer Server => cluster.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_family_of_datasets_goes_over_first_whole_and_then_by_what_is_new()
    {
        Server.Require();
        var root = await FamilyAsync();
        await SucceedAsync(chain => TransferAsync(chain, root.Id));
        await RequireSameAsync(root.Label!);
        await RequireSameAsync($"{root.Label}/var");
        Assert.Equal("there", await File.ReadAllTextAsync(Path.Combine(await FarFolderAsync($"{root.Label}/var"), "log"), Cancel));

        // Through a chain of its own: the API knows one place only where a dataset is worked in.
        await SucceedAsync(chain => TakeAsync(chain, root.Id));
        await SucceedAsync(chain => TransferAsync(chain, root.Id));
        await RequireSameAsync(root.Label!);
        Assert.All(await CopiesAsync(root.Id), static c => Assert.Equal(Confirmed.Yes, c.Confirmed));
    }

    [Fact]
    public async Task A_snapshot_that_the_chain_takes_itself_goes_over_too()
    {
        Server.Require();
        var root = await FamilyAsync();
        await SucceedAsync(async chain =>
        {
            await TransferAsync(chain, root.Id);
            await TakeAsync(chain, root.Id);
            await TransferAsync(chain, root.Id);
        });
        var names = (await Server.Admin.GetSnapshotsAsync(root.Id, Cancel)).Select(static s => s.Name).ToList();
        Assert.Equal(2, names.Count);
        Assert.Equal(names, (await Server.Zfs.ListSnapshotsAsync($"{FarNode.Hypervisor(Server)}/{root.Label}", 0, Cancel)).Select(static s => s.Name.Name));
    }

    [Fact]
    public async Task A_transfer_that_fails_leaves_neither_rows_nor_filesystems()
    {
        Server.Require();
        var root = await FamilyAsync();
        var gone = (await Server.Admin.GetSnapshotsAsync(root.Id, Cancel)).Single();
        // Somebody destroyed it on the host.
        await Server.Zfs.DestroyAsync($"{Server.Filesystem}/{root.Label}@{gone.Name}", Cancel);
        var chain = await StartAsync(chain => TransferAsync(chain, root.Id));
        await Server.WaitForEndAsync(chain);

        Assert.Equal(ChainState.Failed, await Server.QueryAsync(db => db.TransactionChains.Where(c => c.Id == chain).Select(static c => c.State).SingleAsync(Cancel)));
        Assert.False(await Server.Zfs.ExistsAsync($"{FarNode.Hypervisor(Server)}/{root.Label}", Cancel));
        Assert.Empty(await CopiesAsync(root.Id));
        Assert.False(await Server.QueryAsync(db => db.DatasetInPools.AnyAsync(i => i.DatasetId == root.Id && i.PoolId == cluster.Far.HypervisorId, Cancel)));
        Assert.False(await Server.QueryAsync(db => db.ResourceLocks.AnyAsync(l => l.ChainId == chain, Cancel)));
    }

    /// <summary>A dataset with one below it, a file in that, and a snapshot of each.</summary>
    private async Task<Reference> FamilyAsync()
    {
        var root = (await Server.CreateVpsAsync()).Dataset!;
        var created = await Server.Admin.Api.CallAsync("dataset#create", [], new JsonObject { ["name"] = "var", ["dataset"] = root.Id }, null, Cancel);
        await Server.Admin.WaitAsync(created.ActionStateId, null, Cancel);
        await File.WriteAllTextAsync(Path.Combine(await Server.FolderAsync($"{root.Label}/var"), "log"), "there", Cancel);
        await Server.TakeSnapshotAsync(root.Id);
        await Server.TakeSnapshotAsync((long)created.Object["id"]!);
        return root;
    }

    private async Task TransferAsync(TestChain chain, long datasetId)
    {
        var dataset = await chain.Db.Datasets.SingleAsync(d => d.Id == datasetId, Cancel);
        var (source, target) = (await chain.Db.Pools.SingleAsync(p => p.Id == Server.Installation.PoolId, Cancel), await chain.Db.Pools.SingleAsync(p => p.Id == cluster.Far.HypervisorId, Cancel));
        await chain.Transfer.AppendTreeAsync(chain.Builder, dataset, source, target, Cancel);
    }

    private async Task TakeAsync(TestChain chain, long datasetId)
    {
        var inPool = await chain.Db.DatasetInPools.Include(static i => i.Dataset).Include(static i => i.Pool)
            .SingleAsync(i => i.DatasetId == datasetId && i.PoolId == Server.Installation.PoolId, Cancel);
        var copy = new SnapshotInPool { DatasetInPool = inPool, Snapshot = GroupSnapshots.Provisional(inPool.Dataset, DateTimeOffset.UtcNow, label: null) };
        chain.Db.SnapshotInPools.Add(copy);
        await chain.Db.SaveChangesAsync(Cancel);
        var input = JsonSerializer.SerializeToNode(new CreateSnapshotInput(inPool.Pool.Filesystem, inPool.Dataset.FullName), NodeJson.Default.CreateSnapshotInput)!;
        chain.Builder.Append(inPool.Pool.NodeId, TransactionType.CreateSnapshot, input, subjectId: copy.Snapshot.Id).Create(copy.Snapshot).Create(copy);
        await chain.Db.SaveChangesAsync(Cancel);
    }

    private async Task SucceedAsync(Func<TestChain, Task> build) => await Server.Admin.WaitAsync(await StartAsync(build), null, Cancel);

    private Task<long> StartAsync(Func<TestChain, Task> build) => Server.UseAsync<IServiceProvider, long>(async services =>
        (await services.GetRequiredService<ChainStarter>().StartAsync(new("transfer", "Transfer"), 1, async chain =>
        {
            await build(new(chain, services.GetRequiredService<VpsAdminDb>(), services.GetRequiredService<DatasetTransfer>()));
            return 0;
        }, Cancel)).ChainId);

    private async Task RequireSameAsync(string dataset)
    {
        var here = await Server.Zfs.ListSnapshotsAsync($"{Server.Filesystem}/{dataset}", 0, Cancel);
        var there = await Server.Zfs.ListSnapshotsAsync($"{FarNode.Hypervisor(Server)}/{dataset}", 0, Cancel);
        Assert.NotEmpty(here);
        Assert.Equal(here.Select(static s => (s.Name.Name, s.Guid)), there.Select(static s => (s.Name.Name, s.Guid)));
    }

    private async Task<string> FarFolderAsync(string dataset)
    {
        var filesystem = await Server.Zfs.GetFilesystemAsync($"{FarNode.Hypervisor(Server)}/{dataset}", Cancel);
        Assert.True(filesystem.IsMounted);
        return filesystem.Mountpoint!;
    }

    private Task<List<SnapshotInPool>> CopiesAsync(long datasetId) =>
        Server.QueryAsync(db => db.SnapshotInPools.Where(c => c.DatasetInPool.DatasetId == datasetId && c.DatasetInPool.PoolId == cluster.Far.HypervisorId).ToListAsync(Cancel));

    private sealed record TestChain(ChainBuilder Builder, VpsAdminDb Db, DatasetTransfer Transfer);
}
