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
        _target = (long)(await cluster.Admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(static n => (string?)n["domain_name"] == Cluster.NodeName)["id"]!;
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
    public async Task A_node_that_is_killed_in_the_middle_loses_nothing()
    {
        var vps = await CreateAsync();
        var reply = await cluster.Admin.Api.CallAsync("vps#migrate", [vps.Id], new JsonObject { ["node"] = _target }, null, Cancel);
        await _node!.SignalAsync("KILL");
        await _node.EndAsync(Cancel);
        await _node.DisposeAsync();
        _node = await cluster.StartReceivingNodeAsync();

        // It goes on where it was, or back; either way the VPS runs, in one place.
        try
        {
            await cluster.Admin.WaitAsync(reply.ActionStateId, null, Cancel);
        }
        catch (ActionAbortedException)
        {
            // Back.
        }
        var moved = (await cluster.Admin.GetVpsAsync(vps.Id, Cancel)).Node!.Id == _target;
        var (here, there) = moved ? (cluster.Filesystem, cluster.NearFilesystem) : (cluster.NearFilesystem, cluster.Filesystem);
        Assert.Equal("data", await AttachAsync(here, vps.Id, "cat /root/data"));
        Assert.False(await IsRunningAsync(there, vps.Id));
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

    private async Task<Vps> CreateAsync()
    {
        var (vps, chain) = await cluster.Admin.CreateVpsAsync("vps.example.org", new VpsCreationOptions(Template: "busybox"), Cancel);
        _vpses.Add(vps.Id);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        await AttachAsync(cluster.NearFilesystem, vps.Id, "echo data > /root/data");
        return await cluster.Admin.GetVpsAsync(vps.Id, Cancel);
    }

    private async Task MigrateAsync(long vps, bool cleanup)
    {
        var reply = await cluster.Admin.Api.CallAsync("vps#migrate", [vps], new JsonObject { ["node"] = _target, ["cleanup_data"] = cleanup }, null, Cancel);
        await cluster.Admin.WaitAsync(reply.ActionStateId, null, Cancel);
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
        var area = (await cluster.Zfs.GetFilesystemAsync(filesystem, CancellationToken.None)).Mountpoint + "/vpsadmin/vps";
        await using var process = OwnedProcess.Start(new ProcessSpec(program, ["--lxcpath", area, "--name", $"{vps}", .. arguments], RedirectOutput: true));
        using var reader = new StreamReader(process.StandardOutput);
        var output = await reader.ReadToEndAsync(CancellationToken.None);
        return ((await process.Completion).ExitCode, output);
    }
}
