using VpsAdmin.Lab;
using VpsAdmin.NodeHost.Tests;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What the examples of the cmdlets' pages run on: a server that nobody else works with, LXC where the machine has it, and a second node on the same pool.</summary>
public sealed class ExampleCluster : IAsyncLifetime
{
    public const string OtherNode = "node2.prg";

    private readonly TemporaryFolder _folder = new();
    private ZfsLab _lab = null!;
    private LabPool? _pool;
    private NatsBroker? _broker;
    private PostgresServer? _database;
    private ChildProgram? _server;
    private ChildProgram? _node;
    private string? _noSystems;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal ExampleGround Ground { get; private set; } = null!;

    /// <summary>Why something cannot be had here; null: it can.</summary>
    internal async Task<string?> ReasonAsync(ExampleNeed need)
    {
        if (need.HasFlag(ExampleNeed.Systems) && _noSystems is not null)
            return _noSystems;
        if (need.HasFlag(ExampleNeed.SecondNode) && _broker is not { Available: true })
            return _broker?.Reason;
        if (need.HasFlag(ExampleNeed.Pwsh) && await Pwsh.ReasonAsync() is { } missing)
            return missing;
        if (need.HasFlag(ExampleNeed.Database) && await DatabaseAsync() is { Available: false } none)
            return none.Reason;
        return null;
    }

    /// <summary>Skips the test where there can be no ZFS.</summary>
    public void Require() => Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync(Cancel);
        if (!_lab.Available)
            return;
        _noSystems = await LxcLab.ReasonAsync();
        _broker = await NatsBroker.StartAsync(Cancel);
        _pool = await _lab.CreatePoolAsync("examples", cancel: Cancel);
        foreach (var name in (string[])["near", "far", "tank"])
            EndToEnd.Zfs.Run("create", $"{_pool.Name}/{name}");
        LetThrough(_pool.Mountpoint);
        var data = _folder.File("data");
        _server = await ChildProgram.StartAsync(Repository.Server, path: null, "Listening on", Cancel,
            ["serve", "--data", data, "--urls", "http://127.0.0.1:0", "--pool", _pool.Name + "/near", "--node-name", "node1.prg", .. _broker.Available ? Bus() : []]);
        var server = new LabServer((await File.ReadAllTextAsync(Path.Combine(data, "server.url"), Cancel)).Trim(), data);
        Ground = new ExampleGround(server, _pool.Name + "/near", _pool.Name + "/tank");
        if (!_broker.Available)
            return;
        Assert.Equal(0, (await ChildProgram.RunAsync(Repository.Server, Cancel, "node", "add", OtherNode, "--data", data)).Status);
        _node = await ChildProgram.StartAsync(Repository.Node, path: null, "is at work", Cancel,
            ["serve", "--name", OtherNode, "--pool", _pool.Name + "/far", "--urls", "http://127.0.0.1:0", .. Bus()]);
    }

    /// <summary>A database of PostgreSQL, made for who asks first; by its settings in the file of a server.</summary>
    internal async Task<string> DatabaseSettingsAsync() => $$"""{ "provider": "postgresql", "connection": "{{(await DatabaseAsync()).TcpConnectionString("vpsadmin")}}" }""";

    /// <summary>Nothing is left of the worlds of earlier pages.</summary>
    internal void Clear()
    {
        using var session = Ground.Server.Connect();
        Assert.Empty(session.Run(ExampleWorld.Clear).Errors.Select(static e => e.ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        // Ended from the last to the first, each whatever became of those before it.
        using var folder = _folder;
        await using var lab = _lab;
        await using var pool = _pool;
        await using var database = _database;
        await using var broker = _broker;
        await using var server = _server;
        await using var node = _node;
        // A system that still runs would keep its pool busy.
        if (Ground is not null)
            Clear();
    }

    private string[] Bus() => ["--nats", _broker!.Url, "--streams", $"127.0.0.1:{FreePort.One()}", "--stream-address", "127.0.0.1"];

    private async Task<PostgresServer> DatabaseAsync() => _database ??= await PostgresServer.StartAsync(Cancel);

    /// <summary>The lab's folder is its owner's alone; a VPS's root, who is nobody, has to get through to its files.</summary>
    private static void LetThrough(string mountpoint)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.GetDirectoryName(mountpoint)!;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

}

/// <summary>One cluster for all pages, one after the other.</summary>
[CollectionDefinition(nameof(ExampleCluster))]
public sealed class ExampleClusterCollection : ICollectionFixture<ExampleCluster>;
