using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Client;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Consistency;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Tests.Consistency;

/// <summary>A server at rest agrees with its pools; each thing that is broken is found, and named as what it is.</summary>
public sealed class ConsistencyCheckTests(RealServer server) : IClassFixture<RealServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_broken_is_found_and_nothing_else()
    {
        server.Require();
        var (vps, vpsState) = await server.Admin.CreateVpsAsync("web", Cancel);
        await server.Admin.WaitAsync(vpsState, null, Cancel);
        var dataset = (await server.Admin.GetVpsAsync(vps.Id, Cancel)).Dataset!;
        var filesystem = $"{server.Filesystem}/{dataset.Label}";
        var (snapshot, name) = await SnapshotAsync(dataset.Id);
        var (download, chain) = await server.Admin.CreateDownloadAsync(snapshot, null, ExportFormat.Stream, sendMail: false, Cancel);
        await server.Admin.WaitAsync(chain, null, Cancel);
        Assert.Empty(await CheckAsync());

        // On the pool, behind the server's back.
        await server.Zfs.CreateFilesystemAsync($"{filesystem}/stray", null, Cancel);
        await server.Zfs.SnapshotAsync(new SnapshotName(filesystem, "stray"), Cancel);
        Assert.Equal(
            [(FindingKind.DatasetUnknown, $"{filesystem}/stray"), (FindingKind.SnapshotUnknown, $"{filesystem}@stray")],
            await KindsAsync());
        await server.Zfs.DestroyAsync($"{filesystem}/stray", Cancel);
        await server.Zfs.DestroyAsync(new SnapshotName(filesystem, "stray").ToString(), Cancel);

        var file = Directory.GetFiles((await server.Zfs.GetFilesystemAsync($"{server.Filesystem}/vpsadmin/download", Cancel)).Mountpoint!, "*", SearchOption.AllDirectories).Single();
        var label = $"download {download.Id} ({download.FileName})";
        await using (var longer = File.OpenWrite(file))
            longer.SetLength(5 << 20);
        Assert.Equal([(FindingKind.DownloadDamaged, label)], await KindsAsync());
        File.Move(file, file + ".away");
        Assert.Equal([(FindingKind.DownloadMissing, label)], await KindsAsync());

        // In the database.
        await ChangeAsync(db => db.SnapshotDownloads.Where(d => d.Id == download.Id).ExecuteDeleteAsync(Cancel), db => db.Snapshots.Where(s => s.Id == snapshot).ExecuteUpdateAsync(set => set.SetProperty(static s => s.SnapshotDownloadId, (long?)null), Cancel));
        Assert.Equal([(FindingKind.DownloadUnknown, Path.GetFileName(file) + ".away")], await KindsAsync());
        File.Delete(file + ".away");

        await ChangeAsync(db => db.Snapshots.Where(s => s.Id == snapshot).ExecuteUpdateAsync(static set => set.SetProperty(static s => s.HistoryId, 9), Cancel));
        Assert.Equal([(FindingKind.HistoryWrong, $"{dataset.Label}@{name}")], await KindsAsync());
        await ChangeAsync(db => db.Snapshots.Where(s => s.Id == snapshot).ExecuteUpdateAsync(static set => set.SetProperty(static s => s.HistoryId, 0), Cancel));

        await ChangeAsync(db => db.Snapshots.Where(s => s.Id == snapshot).ExecuteUpdateAsync(static set => set.SetProperty(static s => s.Confirmed, Confirmed.Destroy), Cancel));
        Assert.Equal([(FindingKind.RowUnfinished, $"Snapshot {snapshot}")], await KindsAsync());
        await ChangeAsync(db => db.Snapshots.Where(s => s.Id == snapshot).ExecuteUpdateAsync(static set => set.SetProperty(static s => s.Confirmed, Confirmed.Yes), Cancel));

        var copy = await server.QueryAsync(db => db.SnapshotInPools.AsNoTracking().SingleAsync(c => c.SnapshotId == snapshot, Cancel));
        await ChangeAsync(db => db.SnapshotInPools.Where(c => c.Id == copy.Id).ExecuteDeleteAsync(Cancel));
        Assert.Equal([(FindingKind.SnapshotUnknown, $"{filesystem}@{name}"), (FindingKind.SnapshotWithoutCopy, $"{dataset.Label}@{name}")], await KindsAsync());
        await ChangeAsync(async db =>
        {
            db.SnapshotInPools.Add(new() { SnapshotId = snapshot, DatasetInPoolId = copy.DatasetInPoolId, Confirmed = Confirmed.Yes });
            return await db.SaveChangesAsync(Cancel);
        });

        await ChangeAsync(async db =>
        {
            db.ResourceLocks.Add(new() { ChainId = chain!.Value, Resource = nameof(Data.Snapshot), RowId = snapshot, CreatedAt = DateTimeOffset.UtcNow });
            return await db.SaveChangesAsync(Cancel);
        });
        Assert.Equal([(FindingKind.LockWithoutChain, $"Snapshot {snapshot}")], await KindsAsync());
        await ChangeAsync(static db => db.ResourceLocks.ExecuteDeleteAsync(Cancel));

        foreach (var (state, kind) in new[] { (ChainState.Queued, FindingKind.ChainUnfinished), (ChainState.Fatal, FindingKind.ChainFatal) })
        {
            await ChangeAsync(db => db.TransactionChains.Where(c => c.Id == chain).ExecuteUpdateAsync(set => set.SetProperty(static c => c.State, state), Cancel));
            Assert.Equal([(kind, $"chain {chain}")], await KindsAsync());
        }
        await ChangeAsync(db => db.TransactionChains.Where(c => c.Id == chain).ExecuteUpdateAsync(static set => set.SetProperty(static c => c.State, ChainState.Done), Cancel));

        await server.Zfs.DestroyAsync(new SnapshotName(filesystem, name).ToString(), Cancel);
        Assert.Equal([(FindingKind.SnapshotMissing, $"{filesystem}@{name}")], await KindsAsync());
        await server.Zfs.RenameAsync(filesystem, $"{server.Pool}/elsewhere", Cancel);
        Assert.Equal([(FindingKind.DatasetMissing, filesystem), (FindingKind.SnapshotMissing, $"{filesystem}@{name}")], await KindsAsync());
    }

    [Fact]
    public async Task What_is_removed_while_the_check_looks_is_not_missing()
    {
        server.Require();
        var (vps, vpsState) = await server.Admin.CreateVpsAsync("busy", Cancel);
        await server.Admin.WaitAsync(vpsState, null, Cancel);
        var dataset = (await server.Admin.GetVpsAsync(vps.Id, Cancel)).Dataset!;
        var (snapshot, name) = await SnapshotAsync(dataset.Id);
        var (download, chain) = await server.Admin.CreateDownloadAsync(snapshot, null, ExportFormat.Stream, sendMail: false, Cancel);
        await server.Admin.WaitAsync(chain, null, Cancel);
        var looks = 0;
        var check = (VpsAdminDb db) => new ConsistencyCheck(db, server.Installation.Data.Path, async (filesystem, cancel) =>
        {
            // The rows were read before the pool is.
            if (filesystem == server.Filesystem && looks++ == 0)
            {
                await server.Admin.WaitAsync((await server.Admin.DeleteDownloadAsync(download.Id, cancel)).ActionStateId, null, cancel);
                await server.Admin.WaitAsync((await server.Admin.DeleteSnapshotAsync(dataset.Id, snapshot, cancel)).ActionStateId, null, cancel);
            }
            return await new PoolReader(server.Zfs).ReadAsync(filesystem, cancel);
        }).RunAsync(everyNode: false, Cancel);

        var found = await server.QueryAsync(check);
        Assert.DoesNotContain(found, f => f.Subject.Contains(name, StringComparison.Ordinal) || f.Kind is FindingKind.DownloadMissing);
        Assert.True(looks > 1);
    }

    [Fact]
    public void A_download_that_is_removed_while_its_folder_is_looked_at_is_not_there()
    {
        using var downloads = new TemporaryFolder();
        foreach (var name in new[] { "a", "b", "c" })
        {
            Directory.CreateDirectory(downloads.Below(name));
            File.WriteAllText(Path.Combine(downloads.Below(name), "file"), "");
        }
        var found = new List<string>();
        foreach (var file in PoolReader.Files(downloads.Path))
        {
            found.Add(file.Folder);
            foreach (var other in new[] { "a", "b", "c" }.Except(found))
                Directory.Delete(downloads.Below(other), recursive: true);
        }
        Assert.Single(found);
    }

    private async Task<IReadOnlyList<(FindingKind, string)>> KindsAsync() => [.. (await CheckAsync()).Select(static f => (f.Kind, f.Subject)).Order()];

    private async Task<IReadOnlyList<Finding>> CheckAsync() => await server.QueryAsync(db => new ConsistencyCheck(db, server.Installation.Data.Path, new PoolReader(server.Zfs).ReadAsync).RunAsync(everyNode: false, Cancel));

    private async Task ChangeAsync(params Func<VpsAdminDb, Task<int>>[] changes)
    {
        // Whatever points there first.
        foreach (var change in changes.Reverse())
            Assert.Equal(1, await server.QueryAsync(change));
    }

    private async Task<(long Id, string Name)> SnapshotAsync(long datasetId)
    {
        var (snapshot, state) = await server.Admin.CreateSnapshotAsync(datasetId, null, Cancel);
        await server.Admin.WaitAsync(state, null, Cancel);
        return (snapshot.Id, (await server.Admin.GetSnapshotAsync(datasetId, snapshot.Id, Cancel)).Name);
    }
}
