using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.NodeHost.Tests.Network;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Servers without nodes inside on one PostgreSQL, three brokers that are one, and a node that tests start; each a process of its own, on a real ZFS.</summary>
public sealed class ManyServers : IAsyncLifetime
{
    public const string NodeName = "node2.example.org";

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-many-").FullName;
    private readonly List<HaveApiClient> _clients = [];
    private ZfsLab _lab = null!;
    private LabPool? _pool;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where database and brokers are.</summary>
    public string Address { get; init; } = "127.0.0.1";

    public int BrokerCount { get; init; } = 3;

    public ZfsHost Zfs { get; } = new();

    public PostgresServer Postgres { get; private set; } = null!;

    public IReadOnlyList<NatsBroker> Brokers { get; private set; } = [];

    public string BrokerUrls => string.Join(',', Brokers.Select(static b => b.Url));

    public string Filesystem => _pool!.Name + "/far";

    private string Config => Path.Combine(_folder, "server.json");

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync(Cancel);
        Postgres = await PostgresServer.StartAsync(Cancel, Address);
        Brokers = BrokerCount == 1 ? [await NatsBroker.StartAsync(Cancel, address: Address)] : await NatsBroker.StartClusterAsync(Cancel);
        if (Missing is not null)
            return;
        _pool = await _lab.CreatePoolAsync("many", cancel: Cancel);
        await Zfs.CreateFilesystemAsync(Filesystem, null, Cancel);
        var settings = new { database = new { provider = "postgresql", connection = Postgres.TcpConnectionString("postgres") }, nats = BrokerUrls, natsreplicas = BrokerCount, keys = Path.Combine(_folder, "keys") };
        await File.WriteAllTextAsync(Config, JsonSerializer.Serialize(settings), Cancel);
    }

    /// <summary>Each takes some seconds.</summary>
    private const int MostStarts = 20;

    private string? Missing => _lab.Reason ?? Postgres.Reason ?? Brokers[0].Reason;

    /// <summary>Skips the test where something of it is not to be had.</summary>
    public void Require() => Assert.SkipUnless(Missing is null, Missing ?? "");

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="name">Of its data folder.</param>
    /// <param name="network">Where it is; null: here.</param>
    /// <param name="address">Where it listens there.</param>
    internal async Task<ChildProgram> StartServerAsync(string name, PrivateNetwork? network = null, string address = "127.0.0.1")
    {
        // Brokers that have just found each other refuse for some seconds; whoever looks after a server starts it again.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ChildProgram.StartAsync("vpsadmin-server", path: null, network is null ? null : network.Inside, "Listening on", Cancel, "serve", "--config", Config, "--data", Data(name), "--urls", $"http://{address}:0");
            }
            catch (InvalidOperationException e) when (attempt < MostStarts && e.Message.Contains("--nats: the broker", StringComparison.Ordinal))
            {
                // Not yet.
            }
        }
    }

    public async Task AddNodeAsync() =>
        Assert.Equal(0, (await ChildProgram.RunAsync("vpsadmin-server", Cancel, "node", "add", NodeName, "--config", Config, "--data", Data("a"))).Status);

    /// <summary>As administrator, whose password is with the server that was the first.</summary>
    public async Task<VpsAdminClient> ConnectAsync(string name)
    {
        var client = await AdministratorLogin.ConnectAsync(Data(name), Cancel, first: Data("a"));
        _clients.Add(client);
        return new VpsAdminClient(client);
    }

    /// <summary>Starts the node and waits until it works.</summary>
    /// <param name="path">A folder that comes first in its PATH; null: none.</param>
    /// <param name="brokers">Null: those that are there.</param>
    /// <param name="network">Where it is; null: here.</param>
    internal Task<ChildProgram> StartNodeAsync(string? path, string? brokers = null, PrivateNetwork? network = null) => ChildProgram.StartAsync(
        "vpsadmin-node", path, network is null ? null : network.Inside, "is at work", Cancel, "serve", "--name", NodeName, "--pool", Filesystem, "--nats", brokers ?? BrokerUrls,
        "--urls", $"http://{(network is null ? "127.0.0.1" : PrivateNetwork.There)}:0");

    /// <summary>A script with the module's commands, connected to one of the servers.</summary>
    internal async Task<string[]> ScriptAsync(string server, string script) =>
        await ModuleScript.RunAsync((await File.ReadAllTextAsync(Path.Combine(Data(server), "server.url"), Cancel)).Trim(), Data("a"), script, Cancel);

    /// <summary>A VPS on the node, when its chain has ended.</summary>
    internal static async Task<ActionResult> CreateVpsAsync(VpsAdminClient admin, CancellationToken cancel)
    {
        var node = (await admin.Api.CallAsync("node#index", [], null, null, cancel)).List.Single(static n => (string?)n["domain_name"] == NodeName);
        return await admin.Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "far.example.org", ["node"] = (long)node["id"]! }, null, cancel);
    }

    /// <summary>A VPS on the node, with a file of random bytes and a snapshot.</summary>
    internal async Task<Snapshot> CreateSnapshotAsync(VpsAdminClient admin, int bytes)
    {
        var created = await CreateVpsAsync(admin, Cancel);
        await admin.WaitAsync(created.ActionStateId, null, Cancel);
        var root = (await admin.GetVpsAsync((long)created.Object["id"]!, Cancel)).Dataset!;
        var folder = (await Zfs.GetFilesystemAsync($"{Filesystem}/{root.Label}", Cancel)).Mountpoint!;
        await File.WriteAllBytesAsync(Path.Combine(folder, "file"), RandomNumberGenerator.GetBytes(bytes), Cancel);
        var (snapshot, state) = await admin.CreateSnapshotAsync(root.Id, null, Cancel);
        await admin.WaitAsync(state, null, Cancel);
        return await admin.GetSnapshotAsync(root.Id, snapshot.Id, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static c => c.Dispose());
        // Whatever one of them says at its end, the others end too.
        await using (_lab)
        await using (_pool)
        await using (Postgres)
        {
            foreach (var broker in Brokers)
                await broker.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A path that goes with the servers.</summary>
    public string Below(string name) => Path.Combine(_folder, name);

    private string Data(string name) => Below(name);
}
