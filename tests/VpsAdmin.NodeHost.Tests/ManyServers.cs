using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
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

    public ZfsHost Zfs { get; } = new();

    public PostgresServer Postgres { get; private set; } = null!;

    public IReadOnlyList<NatsBroker> Brokers { get; private set; } = [];

    public string BrokerUrls => string.Join(',', Brokers.Select(static b => b.Url));

    public string Filesystem => _pool!.Name + "/far";

    private string Config => Path.Combine(_folder, "server.json");

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync(Cancel);
        Postgres = await PostgresServer.StartAsync(Cancel);
        Brokers = await NatsBroker.StartClusterAsync(Cancel);
        if (Missing is not null)
            return;
        _pool = await _lab.CreatePoolAsync("many", cancel: Cancel);
        await Zfs.CreateFilesystemAsync(Filesystem, null, Cancel);
        var settings = new { database = new { provider = "postgresql", connection = Postgres.ConnectionString("postgres") }, nats = BrokerUrls, natsreplicas = 3, keys = Path.Combine(_folder, "keys") };
        await File.WriteAllTextAsync(Config, JsonSerializer.Serialize(settings), Cancel);
    }

    /// <summary>Each takes some seconds.</summary>
    private const int MostStarts = 20;

    private string? Missing => _lab.Reason ?? Postgres.Reason ?? Brokers[0].Reason;

    /// <summary>Skips the test where something of it is not to be had.</summary>
    public void Require() => Assert.SkipUnless(Missing is null, Missing ?? "");

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="name">Of its data folder.</param>
    internal async Task<ChildProgram> StartServerAsync(string name)
    {
        // Brokers that have just found each other refuse for some seconds; whoever looks after a server starts it again.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ChildProgram.StartAsync("vpsadmin-server", path: null, "Listening on", Cancel, "serve", "--config", Config, "--data", Data(name), "--urls", "http://127.0.0.1:0");
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
    /// <param name="path">A folder that comes first in its PATH.</param>
    internal Task<ChildProgram> StartNodeAsync(string path, string? brokers = null) =>
        ChildProgram.StartAsync("vpsadmin-node", path, "is at work", Cancel, "serve", "--name", NodeName, "--pool", Filesystem, "--nats", brokers ?? BrokerUrls, "--urls", "http://127.0.0.1:0");

    /// <summary>A VPS on the node, with a snapshot.</summary>
    public static async Task<Snapshot> CreateSnapshotAsync(VpsAdminClient admin)
    {
        var node = (await admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(static n => (string?)n["domain_name"] == NodeName);
        var created = await admin.Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "far.example.org", ["node"] = (long)node["id"]! }, null, Cancel);
        await admin.WaitAsync(created.ActionStateId, null, Cancel);
        var dataset = (await admin.GetVpsAsync((long)created.Object["id"]!, Cancel)).Dataset!.Id;
        var (snapshot, state) = await admin.CreateSnapshotAsync(dataset, null, Cancel);
        await admin.WaitAsync(state, null, Cancel);
        return await admin.GetSnapshotAsync(dataset, snapshot.Id, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static c => c.Dispose());
        foreach (var broker in Brokers)
            await broker.DisposeAsync();
        await Postgres.DisposeAsync();
        if (_pool is not null)
            await _pool.DisposeAsync();
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Data(string name) => Path.Combine(_folder, name);
}
