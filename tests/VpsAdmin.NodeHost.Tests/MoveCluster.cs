using System.Globalization;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A server, a broker, and two nodes with pools of their own that VPSes move between; each a process of its own, and any of them can be killed.</summary>
public sealed class MoveCluster : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-moves-").FullName;
    private readonly int _port = FreePort.One();
    private readonly List<long> _vpses = [];
    private ZfsLab _lab = null!;
    private string? _noContainers;
    private NatsBroker? _broker;
    private LabPool? _pool;
    private ChildProgram? _server;
    private HaveApiClient? _client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ZfsHost Zfs { get; } = new();

    public VpsAdminClient Admin { get; private set; } = null!;

    internal MovingNode West { get; private set; } = null!;

    internal MovingNode East { get; private set; } = null!;

    /// <summary>A filesystem for backups, on the pool of neither node.</summary>
    public string Kept => _pool!.Name + "/kept";

    private string Data => Path.Combine(_folder, "data");

    private string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync(Cancel);
        _noContainers = await LxcLab.ReasonAsync();
        if (!_lab.Available || _noContainers is not null)
            return;
        _broker = await NatsBroker.StartAsync(Cancel);
        if (!_broker.Available)
            return;
        _pool = await _lab.CreatePoolAsync("moves", cancel: Cancel);
        foreach (var name in new[] { "server", "kept" })
            await Zfs.CreateFilesystemAsync($"{_pool.Name}/{name}", null, Cancel);
        await StartServerAsync();
        _client = await AdministratorLogin.ConnectAsync(Data, Cancel);
        Admin = new VpsAdminClient(_client);
        West = await AddNodeAsync("west");
        East = await AddNodeAsync("east");
    }

    /// <summary>Skips the test where there is no ZFS, no broker or no LXC to be had.</summary>
    public void Require() => Assert.SkipUnless(_broker is { Available: true }, _lab.Reason ?? _noContainers ?? _broker?.Reason ?? "");

    /// <summary>Ends it like a power cut does, and starts it again.</summary>
    public async Task KillServerAsync()
    {
        await _server!.SignalAsync("KILL");
        Assert.Equal(137, await _server.EndAsync(Cancel));
        await _server.DisposeAsync();
        await StartServerAsync();
    }

    /// <summary>A VPS with busybox and a file in it, which runs.</summary>
    /// <param name="more">Input of <c>vps#create</c>; null: none.</param>
    /// <param name="datasets">Names of datasets below its root, with a file in each.</param>
    internal async Task<Vps> CreateVpsAsync(MovingNode node, JsonObject? more = null, params string[] datasets)
    {
        var input = more ?? [];
        (input["hostname"], input["node"], input["template"], input["start"]) = ("vps.example.org", node.Id, "busybox", false);
        var created = await Admin.Api.CallAsync("vps#create", [], input, null, Cancel);
        var id = Expect((long)created.Object["id"]!);
        await Admin.WaitAsync(created.ActionStateId, null, Cancel);
        var vps = await Admin.GetVpsAsync(id, Cancel);
        foreach (var dataset in datasets)
            await Admin.WaitAsync((await Admin.CreateDatasetAsync(vps.Dataset!.Id, dataset, Cancel)).ActionStateId, null, Cancel);
        await Admin.WaitAsync(await Admin.StartVpsAsync(id, Cancel), null, Cancel);
        foreach (var file in datasets.Select(static dataset => $"/{dataset}/data").Prepend("/root/data"))
            await node.Systems.AttachAsync(id, $"dd if=/dev/urandom of={file} bs=65536 count=16 && sync");
        return await Admin.GetVpsAsync(id, Cancel);
    }

    /// <summary>Sees to it that nothing of a VPS runs when the cluster ends.</summary>
    public long Expect(long vps)
    {
        _vpses.Add(vps);
        return vps;
    }

    /// <summary>Begins to move it.</summary>
    /// <returns>The chain.</returns>
    internal async Task<long> BeginMoveAsync(Vps vps, MovingNode target, bool cleanup = true) =>
        (await Admin.Api.CallAsync("vps#migrate", [vps.Id], new JsonObject { ["node"] = target.Id, ["cleanup_data"] = cleanup }, null, Cancel)).ActionStateId!.Value;

    /// <summary>Waits for the chains of this server that have not ended, and for those that begin as they end: what cleans up.</summary>
    public async Task SettleAsync()
    {
        while ((await Admin.Api.CallAsync("action_state#index", [], null, null, Cancel)).List is { Count: > 0 } pending)
        {
            foreach (var state in pending)
                await Admin.WaitAsync((long)state["id"]!, null, Cancel);
        }
    }

    /// <summary>What <c>vpsadmin-server check</c> finds on the pools of all nodes, in lines.</summary>
    public async Task<string[]> FindingsAsync()
    {
        var (_, output, error) = await ChildProgram.RunAsync("vpsadmin-server", Cancel, "check", "--every-node", "--data", Data);
        Assert.Equal("", error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public Task<string[]> ScriptAsync(string script) => ModuleScript.RunAsync(Url, Data, script, Cancel);

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        foreach (var node in new[] { West, East }.Where(static node => node is not null))
        {
            // A system that still runs would keep its pool busy.
            foreach (var vps in _vpses)
                await node.Systems.KillAsync(vps);
            await node.DisposeAsync();
        }
        if (_server is not null)
            await _server.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_pool is not null)
            await _pool.DisposeAsync();
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartServerAsync() => _server = await ChildProgram.StartAsync(
        "vpsadmin-server", path: null, "Listening on", Cancel, "serve", "--data", Data, "--urls", Url, "--pool", _pool!.Name + "/server", "--node-name", "server.example.org", "--nats", _broker!.Url);

    private async Task<MovingNode> AddNodeAsync(string name)
    {
        var domain = name + ".example.org";
        Assert.Equal(0, (await ChildProgram.RunAsync("vpsadmin-server", Cancel, "node", "add", domain, "--data", Data)).Status);
        var pool = await _lab.CreatePoolAsync(name, cancel: Cancel);
        await Zfs.CreateFilesystemAsync(pool.Name + "/vps", null, Cancel);
        await NodeSystems.LetThroughAsync(Zfs, pool.Name + "/vps", Cancel);
        var node = new MovingNode(domain, pool, Zfs, _broker!.Url, Directory.CreateDirectory(Path.Combine(_folder, name)).FullName);
        await node.StartAsync();
        node.Id = (long)(await Admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(n => (string?)n["domain_name"] == domain)["id"]!;
        return node;
    }
}
