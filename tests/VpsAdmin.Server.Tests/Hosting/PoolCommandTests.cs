using VpsAdmin.Lab;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>Pools that are added and removed beside a server that runs.</summary>
public sealed class PoolCommandTests : AdministeredServerTests
{
    [Fact]
    public async Task A_pool_of_this_machine_is_added_only_where_it_is_and_forgotten_only_while_it_is_empty()
    {
        await using var lab = await ZfsLab.StartAsync(Cancel);
        Assert.SkipUnless(lab.Available, lab.Reason ?? "");
        await using var pool = await lab.CreatePoolAsync("pools", cancel: Cancel);
        var missing = await RunAsync("", "pool", "add", $"{pool.Name}/nosuch", "--data", Data);
        Assert.Equal((2, "", $"vpsadmin-server: There is no filesystem '{pool.Name}/nosuch' on this machine; 'zfs list' shows those that are. Of another node: --node NAME.\n"), missing);

        Assert.Equal(0, (await RunAsync("", "pool", "add", pool.Name, "--data", Data)).Status);
        var (status, output, error) = await RunAsync("", "pool", "remove", pool.Name, "--data", Data);
        Assert.Equal((0, ""), (status, error));
        Assert.StartsWith($"Pool 2 ({pool.Name}) was removed. The filesystem is as it was. Where it is among the server's --backup-pool", output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("", "pool", "remove", pool.Name, "--data", Data)).Status);
        Assert.Equal((2, "", "vpsadmin-server: 'tank/vps' is what the node was set up with, and stays; only pools for backups are removed.\n"), await RunAsync("", "pool", "remove", "tank/vps", "--data", Data));
    }

    [Fact]
    public async Task A_pool_with_backups_on_it_stays_whichever_node_has_it()
    {
        // Another node came into the database first: the server's own is the one that its folder names.
        var dataset = await Server.AddDatasetAsync("101");
        Assert.Equal(0, (await RunAsync("", "node", "add", "vault.example.org", "--role", "backup", "--data", Data)).Status);
        Assert.Equal(0, (await RunAsync("", "pool", "add", "backup/vps", "--node", "vault.example.org", "--data", Data)).Status);
        await Server.QueryAsync(async db =>
        {
            db.DatasetInPools.Add(new DatasetInPool { DatasetId = dataset, PoolId = 2, Confirmed = Confirmed.Yes });
            return await db.SaveChangesAsync(Cancel);
        });
        var remove = new[] { "pool", "remove", "backup/vps", "--data", Data };
        Assert.Equal((2, "", "vpsadmin-server: There is no pool 'backup/vps' of this node; 'vpsadmin-server status' shows those that there are.\n"), await RunAsync("", remove));
        Assert.Equal((2, "", "vpsadmin-server: 'backup/vps' stays: backups of datasets that are on it: 1.\n"), await RunAsync("", [.. remove, "--node", "vault.example.org"]));

        File.WriteAllText(Path.Combine(Data, "node.id"), "2");
        Assert.Equal((2, "", "vpsadmin-server: 'backup/vps' stays: backups of datasets that are on it: 1.\n"), await RunAsync("", remove));
    }
}
