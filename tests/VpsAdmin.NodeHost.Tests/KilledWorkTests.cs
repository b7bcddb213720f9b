using System.Text.Json.Nodes;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A node is killed in each kind of work on a VPS, and started again: the work comes again, and is done once.</summary>
[Collection(nameof(MoveCluster))]
public sealed class KilledWorkTests(MoveCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vps_is_made_changed_run_and_destroyed_once_though_its_node_is_killed_in_all_of_it()
    {
        cluster.Require();
        var systems = cluster.West.Systems;
        long id = 0;
        // The last thing that a system is made with.
        await KilledInAsync("chown", "'--recursive '*", async () =>
        {
            var input = new JsonObject { ["hostname"] = "vps.example.org", ["node"] = cluster.West.Id, ["template"] = "busybox", ["memory"] = 64 };
            var created = await cluster.Admin.Api.CallAsync("vps#create", [], input, null, Cancel);
            id = cluster.Expect((long)created.Object["id"]!);
            return created.ActionStateId;
        });
        Assert.Equal("vps.example.org", await systems.AttachAsync(id, "hostname"));
        // Not over what the dead one had made: the template appends.
        Assert.Equal("1", await systems.AttachAsync(id, "grep -c sysinit /etc/inittab"));
        await systems.AttachAsync(id, "echo data > /root/data");

        await KilledInAsync("lxc-cgroup", "*", () => cluster.Admin.UpdateVpsAsync(id, new VpsChanges(Memory: 96, ProcessLimit: 80), Cancel));
        Assert.Equal((96L << 20, null, 80), await systems.LimitsAsync(id));

        await KilledInAsync("lxc-stop", "*", () => cluster.Admin.StopVpsAsync(id, force: false, Cancel));
        await RequireRunsAsync(id, running: false);
        await KilledInAsync("lxc-start", "*", () => cluster.Admin.StartVpsAsync(id, Cancel));
        await RequireRunsAsync(id, running: true);
        await KilledInAsync("lxc-start", "*", () => cluster.Admin.RestartVpsAsync(id, force: true, Cancel));
        await RequireRunsAsync(id, running: true);
        Assert.Equal("data", await systems.AttachAsync(id, "cat /root/data"));

        await KilledInAsync("lxc-stop", "*", () => cluster.Admin.DeleteVpsAsync(id, now: true, Cancel));
        Assert.Equal(0, await systems.CountAsync(id));
        Assert.False(Directory.Exists(await systems.HomeAsync(id)));
        Assert.False(await cluster.Zfs.ExistsAsync($"{cluster.West.Filesystem}/{id}", Cancel));
        Assert.Empty(await cluster.FindingsAsync());
    }

    /// <summary>Begins work, kills the node when it has come to a program, and waits until a new node has done it.</summary>
    /// <param name="calls">A pattern of the shell for arguments.</param>
    private async Task KilledInAsync(string program, string calls, Func<Task<long?>> begin)
    {
        var gate = await cluster.West.GateAsync(program, calls);
        var chain = await begin();
        await gate.WaitingAsync(Cancel);
        await cluster.West.KillAsync();
        // What the dead one has started goes on beside what the next one does.
        gate.Open();
        await cluster.West.StartAsync();
        await cluster.Admin.WaitAsync(chain, null, Cancel);
    }

    private async Task RequireRunsAsync(long vps, bool running)
    {
        Assert.Equal(running, (await cluster.Admin.GetVpsAsync(vps, Cancel)).IsRunning);
        Assert.Equal(running ? 1 : 0, await cluster.West.Systems.CountAsync(vps));
    }
}
