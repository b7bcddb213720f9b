using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A server with a node in its process, a broker, and a second node that tests start; each a process of its own, on a real ZFS.</summary>
public sealed class Cluster : IAsyncLifetime
{
    public const string NodeName = "node2.example.org";
    public const string VaultName = "vault.example.org";

    // The same at each start of the node: who sends to it has been told.
    private readonly int _vaultPort = FreePort.One();
    private readonly int _nodePort = FreePort.One();
    private readonly int _serverPort = FreePort.One();
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-cluster-").FullName;
    private ZfsLab _lab = null!;
    private NatsBroker? _broker;
    private LabPool? _pool;
    private ChildProgram? _server;
    private HaveApiClient? _client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ZfsHost Zfs { get; } = new();

    public VpsAdminClient Admin { get; private set; } = null!;

    /// <summary>The second node's.</summary>
    public string Filesystem => _pool!.Name + "/far";

    /// <summary>That of the node in the server.</summary>
    public string NearFilesystem => _pool!.Name + "/near";

    /// <summary>The third node's, for backups.</summary>
    public string Vault => _pool!.Name + "/vault";

    public string Data => Path.Combine(_folder, "data");

    private string Config => Path.Combine(_folder, "server.json");

    public string Url { get; private set; } = "";

    public string BrokerUrl => _broker!.Url;

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync(Cancel);
        if (!_lab.Available)
            return;
        _broker = await NatsBroker.StartAsync(Cancel);
        if (!_broker.Available)
            return;
        _pool = await _lab.CreatePoolAsync("cluster", cancel: Cancel);
        foreach (var name in new[] { "near", "far", "vault" })
            await Zfs.CreateFilesystemAsync($"{_pool.Name}/{name}", null, Cancel);
        // Now and then, so that a test has not to wait for one o'clock.
        await File.WriteAllTextAsync(Config, """{ "plans": { "backups": "0/5 * * * * ?" } }""", Cancel);
        await StartServerAsync();
        Assert.Equal(0, (await ChildProgram.RunAsync("vpsadmin-server", Cancel, "node", "add", NodeName, "--data", Data)).Status);
        Assert.Equal(0, (await ChildProgram.RunAsync("vpsadmin-server", Cancel, "node", "add", VaultName, "--role", "backup", "--data", Data)).Status);
    }

    internal ChildProgram Server => _server!;

    /// <summary>Also a second time, when it was killed.</summary>
    internal async Task StartServerAsync()
    {
        _server = await ChildProgram.StartAsync(
            "vpsadmin-server", path: null, "Listening on", Cancel, "serve", "--config", Config, "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", NearFilesystem,
            "--node-name", "node1.example.org", "--nats", BrokerUrl, "--streams", EndPoint(_serverPort), "--stream-address", "127.0.0.1");
        Url = (await File.ReadAllTextAsync(Path.Combine(Data, "server.url"), Cancel)).Trim();
        _client?.Dispose();
        _client = await AdministratorLogin.ConnectAsync(Data, Cancel);
        Admin = new VpsAdminClient(_client);
    }

    /// <summary>Skips the test where there is no ZFS or no broker to be had.</summary>
    public void Require() => Assert.SkipUnless(_lab.Available && _broker!.Available, _lab.Reason ?? _broker?.Reason ?? "");

    /// <summary>Starts the second node and waits until it works.</summary>
    /// <param name="path">A folder that comes first in its PATH; null: none.</param>
    internal Task<ChildProgram> StartNodeAsync(string? path = null) => StartNodeAsync(path, "--name", NodeName, "--pool", Filesystem);

    /// <summary>Starts the second node on a machine that lacks a program.</summary>
    internal async Task<ChildProgram> StartNodeWithoutAsync(string program)
    {
        // What the node has on its pool is mounted before: a namespace of its own sees no more than what is.
        await (await StartNodeAsync()).DisposeAsync();
        return await ChildProgram.StartWithoutAsync(
            program, "vpsadmin-node", "is at work", Cancel, "serve", "--name", NodeName, "--pool", Filesystem, "--nats", BrokerUrl, "--urls", "http://127.0.0.1:0");
    }

    /// <summary>Starts the second node so that it takes streams, and waits until it works.</summary>
    /// <param name="path">A folder that comes first in its PATH; null: none.</param>
    internal Task<ChildProgram> StartReceivingNodeAsync(string? path = null) => StartNodeAsync(
        path, "--name", NodeName, "--pool", Filesystem, "--streams", EndPoint(_nodePort), "--stream-address", "127.0.0.1");

    /// <summary>Starts the third node, which takes streams, and waits until it works.</summary>
    /// <param name="path">A folder that comes first in its PATH; null: none.</param>
    internal Task<ChildProgram> StartVaultAsync(string? path = null) =>
        StartNodeAsync(path, "--name", VaultName, "--pool", Vault, "--streams", EndPoint(_vaultPort), "--stream-address", "127.0.0.1");

    private Task<ChildProgram> StartNodeAsync(string? path, params string[] arguments) =>
        ChildProgram.StartAsync("vpsadmin-node", path, "is at work", Cancel, ["serve", .. arguments, "--nats", BrokerUrl, "--urls", "http://127.0.0.1:0"]);

    private static string EndPoint(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>A VPS on the second node, with a file and a snapshot.</summary>
    public async Task<(Vps Vps, Snapshot Snapshot)> CreateVpsAsync()
    {
        var node = (await Admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(static n => (string?)n["domain_name"] == NodeName);
        var created = await Admin.Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "far.example.org", ["node"] = (long)node["id"]! }, null, Cancel);
        await Admin.WaitAsync(created.ActionStateId, null, Cancel);
        var vps = await Admin.GetVpsAsync((long)created.Object["id"]!, Cancel);
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine((await Zfs.GetFilesystemAsync($"{Filesystem}/{vps.Dataset!.Label}", Cancel)).Mountpoint!, "file"), bytes, Cancel);
        var (snapshot, state) = await Admin.CreateSnapshotAsync(vps.Dataset.Id, null, Cancel);
        await Admin.WaitAsync(state, null, Cancel);
        return (vps, await Admin.GetSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_pool is not null)
            await _pool.DisposeAsync();
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
