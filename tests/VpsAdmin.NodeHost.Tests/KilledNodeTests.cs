using VpsAdmin.Client;
using VpsAdmin.Lab;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A node is killed in the middle of its work and started again: the work ends, and database and pool agree.</summary>
public sealed class KilledNodeTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("snapshot", "snapshot")]
    [InlineData("export", "send")]
    [InlineData("rollback", "rollback")]
    [InlineData("removal", "destroy")]
    public async Task What_a_node_was_killed_in_is_done_once_by_the_next_one(string work, string deadly)
    {
        cluster.Require();
        long datasetId, snapshotId;
        long? chain;
        await using (await cluster.StartNodeAsync())
        {
            var (vps, snapshot) = await cluster.CreateVpsAsync();
            (datasetId, snapshotId) = (vps.Dataset!.Id, snapshot.Id);
            var (_, later) = await cluster.Admin.CreateSnapshotAsync(datasetId, null, Cancel);
            await cluster.Admin.WaitAsync(later, null, Cancel);
        }
        using (var zfs = await ZfsDouble.CreateAsync([new ZfsRule(deadly, ZfsDeed.KillCaller, Containing: cluster.Filesystem)]))
        {
            await using var node = await cluster.StartNodeAsync(zfs.Folder);
            chain = await KilledServerTests.BeginAsync(cluster.Admin, work, datasetId, snapshotId);
            Assert.Equal(137, await node.EndAsync(Cancel));
        }
        await using var again = await cluster.StartNodeAsync();
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        Assert.Equal((0, "", ""), await ChildProgram.RunAsync("vpsadmin-server", Cancel, "check", "--every-node", "--data", cluster.Data));
    }
}
