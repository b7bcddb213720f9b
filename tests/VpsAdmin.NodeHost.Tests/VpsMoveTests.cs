using System.Text.Json.Nodes;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>VPSes that run move between two nodes, and what belongs to them goes along.</summary>
[Collection(nameof(MoveCluster))]
public sealed class VpsMoveTests(MoveCluster cluster)
{
    private const string Sums = "sha256sum /root/data /root/later /srv/data";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Data_addresses_and_all_that_is_of_before_are_the_same_after_a_move(bool cleanup)
    {
        cluster.Require();
        var (west, east) = (cluster.West, cluster.East);
        var vps = await cluster.CreateVpsAsync(west, new JsonObject { ["ip_addresses"] = "192.0.2.7/24" }, "srv");
        var whole = await SnapshotAsync(vps);
        foreach (var kept in new[] { Kept(vps), $"{Kept(vps)}/root", $"{Kept(vps)}/dataset" })
            await cluster.Zfs.CreateFilesystemAsync(kept, null, Cancel);
        Assert.Equal(["FullStep", "FullStep"], await BackUpAsync(vps));
        await west.Systems.AttachAsync(vps.Id, "echo later > /root/later");
        var later = await SnapshotAsync(vps);
        var datasets = await cluster.Admin.GetDatasetsAsync(vps.Id, Cancel);
        var before = await SnapshotsAsync(datasets);
        var guids = await GuidsAsync(west, before);
        var sums = await west.Systems.AttachAsync(vps.Id, Sums);
        var address = await AddressAsync(west, vps);
        Assert.Contains("192.0.2.7/24", address, StringComparison.Ordinal);
        var made = await ExportAsync(whole, west);

        var move = await cluster.BeginMoveAsync(vps, east, cleanup);
        await cluster.Admin.WaitAsync(move, null, Cancel);
        await cluster.SettleAsync();

        Assert.Equal(sums, await east.Systems.AttachAsync(vps.Id, Sums));
        Assert.Equal(address, await AddressAsync(east, vps));
        Assert.False(await west.Systems.IsRunningAsync(vps.Id));
        var moved = await cluster.Admin.GetVpsAsync(vps.Id, Cancel);
        Assert.Equal((true, east.Name), (moved.IsRunning, moved.Node!.Label));
        var after = await SnapshotsAsync(await cluster.Admin.GetDatasetsAsync(vps.Id, Cancel));
        Assert.Equal(before, after.Where(s => before.Exists(b => b.Id == s.Id)));
        Assert.Equal(guids, await GuidsAsync(east, before));

        // One that was made before is where it was; others are made where the data are now.
        await NodeProcessTests.RequireFileAsync(await cluster.Admin.GetDownloadAsync(made.Id, Cancel));
        await NodeProcessTests.RequireFileAsync(await ExportAsync(later, east));
        await east.Systems.AttachAsync(vps.Id, "echo last > /root/last");
        await SnapshotAsync(vps);
        Assert.Equal(["IncrementalStep", "IncrementalStep"], await BackUpAsync(vps));

        await RequireLeftAsync(west, vps, cleanup);
    }

    /// <summary>What is left with <c>cleanup_data</c> false the server does not know of, and nothing else is wrong.</summary>
    private async Task RequireLeftAsync(MovingNode source, Vps vps, bool cleanup)
    {
        var dataset = $"{source.Filesystem}/{vps.Id}";
        Assert.Equal(!cleanup, await cluster.Zfs.ExistsAsync(dataset, Cancel));
        if (!cleanup)
        {
            Assert.All(await cluster.FindingsAsync(), line => Assert.Contains($"Unknown: {dataset}", line, StringComparison.Ordinal));
            await cluster.Zfs.DestroyRecursivelyAsync(dataset, Cancel);
        }
        Assert.Empty(await cluster.FindingsAsync());
    }

    /// <summary>Of all of its datasets at once.</summary>
    /// <returns>That of the root dataset.</returns>
    private async Task<Snapshot> SnapshotAsync(Vps vps)
    {
        foreach (var dataset in await cluster.Admin.GetDatasetsAsync(vps.Id, Cancel))
            await cluster.Admin.WaitAsync((await cluster.Admin.CreateSnapshotAsync(dataset.Id, null, Cancel)).ActionStateId, null, Cancel);
        return (await cluster.Admin.GetSnapshotsAsync(vps.Dataset!.Id, Cancel))[^1];
    }

    private async Task<List<Snapshot>> SnapshotsAsync(IEnumerable<Dataset> datasets)
    {
        var all = new List<Snapshot>();
        foreach (var dataset in datasets)
            all.AddRange(await cluster.Admin.GetSnapshotsAsync(dataset.Id, Cancel));
        return all;
    }

    private async Task<List<ulong>> GuidsAsync(MovingNode node, IEnumerable<Snapshot> snapshots)
    {
        var guids = new List<ulong>();
        foreach (var snapshot in snapshots)
            guids.Add((await cluster.Zfs.GetSnapshotAsync(new($"{node.Filesystem}/{snapshot.DatasetName}", snapshot.Name), Cancel)).Guid);
        return guids;
    }

    /// <summary>As the VPS itself sees it, without the number of its interface.</summary>
    private static async Task<string> AddressAsync(MovingNode node, Vps vps) =>
        Assert.Single((await node.Systems.AttachAsync(vps.Id, "ip addr show 2>&1; true")).Split('\n'), static line => line.Contains("inet 192.", StringComparison.Ordinal)).Trim();

    private string Kept(Vps vps) => $"{cluster.Kept}/{vps.Id}";

    /// <summary>By both commands, as its owner does, each into a filesystem of its own.</summary>
    /// <returns>What each has transferred.</returns>
    private Task<string[]> BackUpAsync(Vps vps) => cluster.ScriptAsync($$"""
        foreach ($result in @((Backup-Vps -Vps {{vps.Id}} -Filesystem {{Kept(vps)}}/root), (Backup-VpsDataset -Dataset {{vps.Dataset!.Id}} -Filesystem {{Kept(vps)}}/dataset))) {
            $result.Plan.Steps | ForEach-Object { [Console]::Out.WriteLine($_.GetType().Name) }
        }
        """);

    /// <summary>A download that this node has made and serves.</summary>
    private async Task<SnapshotDownload> ExportAsync(Snapshot snapshot, MovingNode node)
    {
        var (download, chain) = await cluster.Admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        var made = await cluster.Admin.GetDownloadAsync(download.Id, Cancel);
        Assert.StartsWith(node.BaseUrl, made.Url.AbsoluteUri, StringComparison.Ordinal);
        return made;
    }
}
