using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A real VPS that moves between two real nodes, each a process of its own, while it runs.</summary>
public sealed class VpsMigrationTests(Cluster cluster) : IClassFixture<Cluster>, IAsyncLifetime
{
    private readonly NodeSystems _near = new(cluster.Zfs, cluster.NearFilesystem);
    private readonly NodeSystems _far = new(cluster.Zfs, cluster.Filesystem);
    private readonly List<long> _vpses = [];
    private ChildProgram? _node;
    private long _target;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster.Require();
        var reason = await LxcLab.ReasonAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
        _node = await cluster.StartReceivingNodeAsync();
        await NodeSystems.LetThroughAsync(cluster.Zfs, cluster.Filesystem, Cancel);
        _target = await NodeAsync(Cluster.NodeName);
    }

    public async ValueTask DisposeAsync()
    {
        // A system that still runs would keep its pool busy.
        foreach (var id in _vpses)
        {
            foreach (var systems in new[] { _near, _far })
                await systems.KillAsync(id);
        }
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Fact]
    public async Task Its_data_are_the_same_through_all_its_life()
    {
        var vps = await CreateAsync();
        var kept = cluster.Filesystem.Split('/')[0] + "/kept";
        await cluster.Zfs.CreateFilesystemAsync(kept, null, Cancel);
        await SnapshotAsync(vps);
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("data", await _near.AttachAsync(vps.Id, "cat /root/data"));
        Assert.Equal("data\n", await BackedUpAsync(kept, "root/data"));

        await _near.AttachAsync(vps.Id, "echo later > /root/later");
        await MigrateAsync(vps.Id, cleanup: false);
        Assert.Equal("data later", await _far.AttachAsync(vps.Id, "cat /root/data /root/later | xargs echo"));
        Assert.Equal("later\n", await File.ReadAllTextAsync(await FileAsync($"{cluster.NearFilesystem}/{vps.Id}", "root/later"), Cancel));
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("later\n", await BackedUpAsync(kept, "root/later"));

        // What was left there is in nobody's way once it is destroyed, and the VPS comes back.
        await cluster.Zfs.DestroyRecursivelyAsync($"{cluster.NearFilesystem}/{vps.Id}", Cancel);
        await _far.AttachAsync(vps.Id, "echo last > /root/last");
        await MigrateAsync(vps.Id, cleanup: true, await NearAsync());
        Assert.Equal("data later last", await _near.AttachAsync(vps.Id, "cat /root/data /root/later /root/last | xargs echo"));
        Assert.False(await cluster.Zfs.ExistsAsync($"{cluster.Filesystem}/{vps.Id}", Cancel));
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("last\n", await BackedUpAsync(kept, "root/last"));
        Assert.Single(await cluster.Zfs.ListFilesystemsAsync(kept, depth: 1, Cancel), f => f.Name != kept);
    }

    [Fact]
    public async Task What_ran_runs_again_when_its_machine_was_started_anew()
    {
        var vps = await CreateAsync(_target);
        await _node!.DisposeAsync();
        await _far.KillAsync(vps.Id);
        await File.WriteAllTextAsync(Path.Combine(await _far.HomeAsync(vps.Id), "autostart"), "the start before", Cancel);
        _node = await cluster.StartReceivingNodeAsync();
        Assert.Equal("data", await _far.AttachAsync(vps.Id, "cat /root/data"));
    }

    [Fact]
    public async Task What_a_vps_of_another_node_is_doing_is_seen()
    {
        var vps = await CreateAsync();
        await MigrateAsync(vps.Id, cleanup: true);
        await _far.KillAsync(vps.Id);

        // Nobody said that it is to stop: it is seen at one of the next looks, which nobody announces.
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while ((await cluster.Admin.GetVpsAsync(vps.Id, Cancel)).IsRunning is not false)
            await look.WaitForNextTickAsync(Cancel);
    }

    [Fact]
    public async Task What_a_vps_says_on_its_console_is_read_wherever_it_is()
    {
        foreach (var (node, systems) in new[] { (await NearAsync(), _near), (_target, _far) })
        {
            var vps = await CreateAsync(node);
            await systems.AttachAsync(vps.Id, "echo said > /dev/console");
            // The monitor of the VPS writes it down in its own time.
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!(await cluster.Admin.GetVpsConsoleLogAsync(vps.Id, null, Cancel)).Any(static line => line.EndsWith("said", StringComparison.Ordinal)))
                await look.WaitForNextTickAsync(Cancel);
        }
    }

    private async Task SnapshotAsync(Vps vps) =>
        await cluster.Admin.WaitAsync((await cluster.Admin.CreateSnapshotAsync(vps.Dataset!.Id, null, Cancel)).ActionStateId, null, Cancel);

    /// <summary>By <c>Backup-Vps</c>, as its owner does.</summary>
    private Task<string[]> BackUpAsync(long vps, string filesystem) =>
        ModuleScript.RunAsync(cluster.Url, cluster.Data, $"$null = Backup-Vps -Vps {vps} -Filesystem {filesystem}", Cancel);

    /// <summary>A file of the newest snapshot of a backup, read through a clone.</summary>
    private async Task<string> BackedUpAsync(string filesystem, string file)
    {
        var newest = (await cluster.Zfs.ListSnapshotsAsync(filesystem, depth: null, Cancel)).MaxBy(static s => s.Creation)!;
        var look = $"{filesystem.Split('/')[0]}/look-{Path.GetFileName(file)}";
        await using var clone = OwnedProcess.Start(new ProcessSpec("zfs", ["clone", newest.Name.ToString(), look]));
        var result = await clone.Completion.WaitAsync(Cancel);
        Assert.True(result.ExitCode == 0, result.StandardError);
        return await File.ReadAllTextAsync(await FileAsync(look, file), Cancel);
    }

    private async Task<string> FileAsync(string filesystem, string file) => Path.Combine((await cluster.Zfs.GetFilesystemAsync(filesystem, Cancel)).Mountpoint!, file);

    /// <param name="node">Null: that in the server.</param>
    private async Task<Vps> CreateAsync(long? node = null)
    {
        var (vps, chain) = await cluster.Admin.CreateVpsAsync("vps.example.org", new VpsCreationOptions(node ?? await NearAsync(), Template: "busybox"), Cancel);
        _vpses.Add(vps.Id);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        await (node == _target ? _far : _near).AttachAsync(vps.Id, "echo data > /root/data");
        return await cluster.Admin.GetVpsAsync(vps.Id, Cancel);
    }

    private Task<long> NearAsync() => NodeAsync("node1.example.org");

    private async Task<long> NodeAsync(string name) =>
        (long)(await cluster.Admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(n => (string?)n["domain_name"] == name)["id"]!;

    private async Task MigrateAsync(long vps, bool cleanup, long? node = null)
    {
        var reply = await cluster.Admin.Api.CallAsync("vps#migrate", [vps], new JsonObject { ["node"] = node ?? _target, ["cleanup_data"] = cleanup }, null, Cancel);
        await cluster.Admin.WaitAsync(reply.ActionStateId, null, Cancel);
        // What cleans up begins as the move ends.
        foreach (var chain in (await cluster.Admin.Api.CallAsync("action_state#index", [], null, null, Cancel)).List)
            await cluster.Admin.WaitAsync((long)chain["id"]!, null, Cancel);
    }
}
