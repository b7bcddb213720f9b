using System.Reflection;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A real VPS that moves between two real nodes, each a process of its own, while it runs.</summary>
public sealed class VpsMigrationTests(Cluster cluster) : IClassFixture<Cluster>, IAsyncLifetime
{
    private static readonly UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

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
        // The lab's folder is its owner's alone; a VPS's root, who is nobody, has to get through to its files.
        var mountpoint = (await cluster.Zfs.GetFilesystemAsync(cluster.Filesystem, Cancel)).Mountpoint!;
        File.SetUnixFileMode(Path.GetDirectoryName(Path.GetDirectoryName(mountpoint))!, PassThrough);
        _target = await NodeAsync(Cluster.NodeName);
    }

    public async ValueTask DisposeAsync()
    {
        // A system that still runs would keep its pool busy.
        foreach (var id in _vpses)
        {
            foreach (var filesystem in new[] { cluster.NearFilesystem, cluster.Filesystem })
                await LxcAsync("lxc-stop", filesystem, id, "--kill");
        }
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_moves_while_it_runs_with_its_data_its_snapshots_and_its_datasets(bool cleanup)
    {
        var vps = await CreateAsync();
        var (snapshot, chain) = await cluster.Admin.CreateSnapshotAsync(vps.Dataset!.Id, null, Cancel);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        await AttachAsync(cluster.NearFilesystem, vps.Id, "echo later > /root/later");

        await MigrateAsync(vps.Id, cleanup);

        Assert.Equal("data later", await AttachAsync(cluster.Filesystem, vps.Id, "echo $(cat /root/data /root/later)"));
        Assert.Equal(Cluster.NodeName, (await cluster.Admin.GetVpsAsync(vps.Id, Cancel)).Node!.Label);
        Assert.True((await cluster.Admin.GetVpsAsync(vps.Id, Cancel)).IsRunning);
        var name = (await cluster.Admin.GetSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel)).Name;
        Assert.True(await cluster.Zfs.ExistsAsync($"{cluster.Filesystem}/{vps.Id}@{name}", Cancel));
        Assert.Equal(!cleanup, await cluster.Zfs.ExistsAsync($"{cluster.NearFilesystem}/{vps.Id}", Cancel));
        Assert.False(await IsRunningAsync(cluster.NearFilesystem, vps.Id));

        // It is worked with there as anywhere.
        await cluster.Admin.WaitAsync(await cluster.Admin.RestartVpsAsync(vps.Id, force: true, Cancel), null, Cancel);
        Assert.Equal("data", await AttachAsync(cluster.Filesystem, vps.Id, "cat /root/data"));
    }

    [Fact]
    public async Task Its_data_are_the_same_through_all_its_life()
    {
        var vps = await CreateAsync();
        var kept = cluster.Filesystem.Split('/')[0] + "/kept";
        await cluster.Zfs.CreateFilesystemAsync(kept, null, Cancel);
        await SnapshotAsync(vps);
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("data", await AttachAsync(cluster.NearFilesystem, vps.Id, "cat /root/data"));
        Assert.Equal("data\n", await BackedUpAsync(kept, "root/data"));

        await AttachAsync(cluster.NearFilesystem, vps.Id, "echo later > /root/later");
        await MigrateAsync(vps.Id, cleanup: false);
        Assert.Equal("data later", await AttachAsync(cluster.Filesystem, vps.Id, "cat /root/data /root/later | xargs echo"));
        Assert.Equal("later\n", await File.ReadAllTextAsync(await FileAsync($"{cluster.NearFilesystem}/{vps.Id}", "root/later"), Cancel));
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("later\n", await BackedUpAsync(kept, "root/later"));

        // What was left there is in nobody's way once it is destroyed, and the VPS comes back.
        await cluster.Zfs.DestroyRecursivelyAsync($"{cluster.NearFilesystem}/{vps.Id}", Cancel);
        await AttachAsync(cluster.Filesystem, vps.Id, "echo last > /root/last");
        await MigrateAsync(vps.Id, cleanup: true, await NearAsync());
        Assert.Equal("data later last", await AttachAsync(cluster.NearFilesystem, vps.Id, "cat /root/data /root/later /root/last | xargs echo"));
        Assert.False(await cluster.Zfs.ExistsAsync($"{cluster.Filesystem}/{vps.Id}", Cancel));
        await BackUpAsync(vps.Id, kept);
        Assert.Equal("last\n", await BackedUpAsync(kept, "root/last"));
        Assert.Single(await cluster.Zfs.ListFilesystemsAsync(kept, depth: 1, Cancel), f => f.Name != kept);
    }

    [Fact]
    public async Task A_target_that_is_killed_in_the_middle_loses_nothing()
    {
        var vps = await CreateAsync();
        await _node!.DisposeAsync();
        using var zfs = await GatedZfs.CreateAsync(Cancel, "receive");
        _node = await cluster.StartReceivingNodeAsync(zfs.Folder);
        var reply = await cluster.Admin.Api.CallAsync("vps#migrate", [vps.Id], new JsonObject { ["node"] = _target }, null, Cancel);
        await zfs.WaitingAsync(Cancel);
        await _node.SignalAsync("KILL");
        await _node.EndAsync(Cancel);
        await _node.DisposeAsync();
        zfs.Open();
        _node = await cluster.StartReceivingNodeAsync(zfs.Folder);
        await RunsInOnePlaceAsync(vps.Id, reply.ActionStateId);
    }

    [Fact]
    public async Task A_source_that_is_killed_in_the_middle_loses_nothing()
    {
        var vps = await CreateAsync(_target);
        await _node!.DisposeAsync();
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        _node = await cluster.StartReceivingNodeAsync(zfs.Folder);
        var reply = await cluster.Admin.Api.CallAsync("vps#migrate", [vps.Id], new JsonObject { ["node"] = await NearAsync() }, null, Cancel);
        await zfs.WaitingAsync(Cancel);
        await _node.SignalAsync("KILL");
        await _node.EndAsync(Cancel);
        await _node.DisposeAsync();

        // The end of the node's process is not the end of its VPSes.
        Assert.Equal("data", await AttachAsync(cluster.Filesystem, vps.Id, "cat /root/data"));
        zfs.Open();
        _node = await cluster.StartReceivingNodeAsync(zfs.Folder);
        await RunsInOnePlaceAsync(vps.Id, reply.ActionStateId);
    }

    [Fact]
    public async Task What_ran_runs_again_when_its_machine_was_started_anew()
    {
        var vps = await CreateAsync(_target);
        await _node!.DisposeAsync();
        await LxcAsync("lxc-stop", cluster.Filesystem, vps.Id, "--kill");
        await File.WriteAllTextAsync(Path.Combine(await AreaAsync(cluster.Filesystem), $"{vps.Id}", "autostart"), "the start before", Cancel);
        _node = await cluster.StartReceivingNodeAsync();
        Assert.Equal("data", await AttachAsync(cluster.Filesystem, vps.Id, "cat /root/data"));
    }

    [Fact]
    public async Task What_a_vps_of_another_node_is_doing_is_seen()
    {
        var vps = await CreateAsync();
        await MigrateAsync(vps.Id, cleanup: true);
        await LxcAsync("lxc-stop", cluster.Filesystem, vps.Id, "--kill");

        // Nobody said that it is to stop: it is seen at one of the next looks, which nobody announces.
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while ((await cluster.Admin.GetVpsAsync(vps.Id, Cancel)).IsRunning is not false)
            await look.WaitForNextTickAsync(Cancel);
    }

    [Fact]
    public async Task What_a_vps_says_on_its_console_is_read_wherever_it_is()
    {
        foreach (var (node, filesystem) in new[] { (await NearAsync(), cluster.NearFilesystem), (_target, cluster.Filesystem) })
        {
            var vps = await CreateAsync(node);
            await AttachAsync(filesystem, vps.Id, "echo said > /dev/console");
            // The monitor of the VPS writes it down in its own time.
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!(await cluster.Admin.GetVpsConsoleLogAsync(vps.Id, null, Cancel)).Any(static line => line.EndsWith("said", StringComparison.Ordinal)))
                await look.WaitForNextTickAsync(Cancel);
        }
    }

    private async Task SnapshotAsync(Vps vps) =>
        await cluster.Admin.WaitAsync((await cluster.Admin.CreateSnapshotAsync(vps.Dataset!.Id, null, Cancel)).ActionStateId, null, Cancel);

    /// <summary>By <c>Backup-Vps</c>, as its owner does.</summary>
    private async Task BackUpAsync(long vps, string filesystem)
    {
        var script = $$"""
            $ErrorActionPreference = 'Stop'
            $password = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText('{{cluster.Data}}/admin-password').Trim()).SecurePassword
            $null = Connect-VpsAdmin {{cluster.Url}} ([pscredential]::new('admin', $password))
            $null = Backup-Vps -Vps {{vps}} -Filesystem {{filesystem}}
            """;
        var shell = typeof(VpsMigrationTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Shell").Value!;
        await using var process = OwnedProcess.Start(new ProcessSpec(shell, ["-Command", script]));
        var result = await process.Completion.WaitAsync(Cancel);
        Assert.True(result.ExitCode == 0, result.StandardError);
    }

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

    /// <summary>Waits until the move has gone on to its end, or back; either way the VPS runs, with its data.</summary>
    private async Task RunsInOnePlaceAsync(long vps, long? chain)
    {
        try
        {
            await cluster.Admin.WaitAsync(chain, null, Cancel);
        }
        catch (ActionAbortedException)
        {
            // Back.
        }
        var isFar = (await cluster.Admin.GetVpsAsync(vps, Cancel)).Node!.Id == _target;
        var (here, there) = isFar ? (cluster.Filesystem, cluster.NearFilesystem) : (cluster.NearFilesystem, cluster.Filesystem);
        Assert.Equal("data", await AttachAsync(here, vps, "cat /root/data"));
        Assert.False(await IsRunningAsync(there, vps));
    }

    /// <param name="node">Null: that in the server.</param>
    private async Task<Vps> CreateAsync(long? node = null)
    {
        var (vps, chain) = await cluster.Admin.CreateVpsAsync("vps.example.org", new VpsCreationOptions(node ?? await NearAsync(), Template: "busybox"), Cancel);
        _vpses.Add(vps.Id);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        await AttachAsync(node == _target ? cluster.Filesystem : cluster.NearFilesystem, vps.Id, "echo data > /root/data");
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

    private async Task<string> AttachAsync(string filesystem, long vps, string script)
    {
        var (status, output) = await LxcAsync("lxc-attach", filesystem, vps, "--", "sh", "-c", script);
        Assert.Equal(0, status);
        return output.Trim();
    }

    private async Task<bool> IsRunningAsync(string filesystem, long vps) => (await LxcAsync("lxc-info", filesystem, vps, "--state", "--no-humanize")) is (0, "RUNNING\n");

    private async Task<(int Status, string Output)> LxcAsync(string program, string filesystem, long vps, params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec(program, ["--lxcpath", await AreaAsync(filesystem), "--name", $"{vps}", .. arguments], RedirectOutput: true));
        using var reader = new StreamReader(process.StandardOutput);
        var output = await reader.ReadToEndAsync(CancellationToken.None);
        return ((await process.Completion).ExitCode, output);
    }

    private async Task<string> AreaAsync(string filesystem) => (await cluster.Zfs.GetFilesystemAsync(filesystem, CancellationToken.None)).Mountpoint + "/vpsadmin/vps";
}
