using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Client;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Backups;

/// <summary>Destroying datasets on a real ZFS, through the API.</summary>
public sealed class RealDestructionTests(RealServer server) : IClassFixture<RealServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dataset_that_is_busy_loses_nothing_neither_here_nor_in_its_backup_and_goes_when_it_is_not()
    {
        server.Require();
        var (id, name) = await CreateAsync();
        var taken = new List<Snapshot>();
        for (var number = 0; number < 3; number++)
            taken.Add(await server.TakeSnapshotAsync(id));
        await server.BackUpAsync(id);
        var branch = $"{server.Backup}/{name}/tree.0/branch-{taken[0].Name}.0";

        await using (var open = new FileStream(Path.Combine(await server.FolderAsync(name), "open"), FileMode.Create))
        {
            Assert.Equal(ChainState.Failed, await DeleteAsync(id));
            Assert.Equal(taken.ConvertAll(static s => s.Name), await OnPoolAsync($"{server.Filesystem}/{name}"));
            Assert.Equal(taken.ConvertAll(static s => s.Name), await OnPoolAsync(branch));
        }
        Assert.Equal(6, await server.QueryAsync(db => db.SnapshotInPools.CountAsync(c => c.Snapshot.DatasetId == id && c.Confirmed == Data.Confirmed.Yes, Cancel)));
        Assert.True((await server.ExportAsync(taken[0].Id)).Ready);

        // The export's place in the download area is no part of the dataset.
        Assert.Equal(ChainState.Done, await DeleteAsync(id));
        Assert.False(await server.Zfs.ExistsAsync($"{server.Filesystem}/{name}", Cancel));
        Assert.False(await server.Zfs.ExistsAsync($"{server.Backup}/{name}", Cancel));
        Assert.False(await server.QueryAsync(db => db.Snapshots.AnyAsync(s => s.DatasetId == id, Cancel)));
    }

    [Fact]
    public async Task What_was_destroyed_and_is_in_a_backup_that_could_not_be_comes_back_from_it()
    {
        server.Require();
        var (id, name) = await CreateAsync();
        var file = Path.Combine(await server.FolderAsync(name), "file");
        await File.WriteAllTextAsync(file, "dear", Cancel);
        var snapshot = await server.TakeSnapshotAsync(id);
        await server.BackUpAsync(id);
        var held = new Zfs.SnapshotName($"{server.Backup}/{name}/tree.0/branch-{snapshot.Name}.0", snapshot.Name);
        await server.Zfs.HoldAsync(held, "mine", Cancel);

        Assert.Equal(ChainState.Failed, await DeleteAsync(id));
        Assert.False(File.Exists(file));
        await server.RollBackAsync(snapshot);
        Assert.Equal("dear", await File.ReadAllTextAsync(file, Cancel));
        await server.Zfs.ReleaseAsync(held, "mine", Cancel);
        Assert.Equal(ChainState.Done, await DeleteAsync(id));
    }

    private async Task<(long Id, string Name)> CreateAsync()
    {
        var root = (await server.CreateVpsAsync()).Dataset!;
        var reply = await server.Admin.Api.CallAsync("dataset#create", [], new JsonObject { ["name"] = "var", ["dataset"] = root.Id }, null, Cancel);
        await server.Admin.WaitAsync(reply.ActionStateId, null, Cancel);
        return ((long)reply.Object!["id"]!, $"{root.Label}/var");
    }

    private async Task<ChainState> DeleteAsync(long dataset)
    {
        var chain = (await server.Admin.Api.CallAsync("dataset#delete", [dataset], null, null, Cancel)).ActionStateId!.Value;
        await server.WaitForEndAsync(chain);
        return await server.QueryAsync(db => db.TransactionChains.Where(c => c.Id == chain).Select(static c => c.State).SingleAsync(Cancel));
    }

    private async Task<IEnumerable<string>> OnPoolAsync(string filesystem) => (await server.Zfs.ListSnapshotsAsync(filesystem, depth: 0, Cancel)).Select(static s => s.Name.Name);
}
