using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;
using TokenLifetime = VpsAdmin.HaveApi.Authentication.TokenLifetime;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>The whole server, on a database of its own and a free port of the loopback; only its node is the test's.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    public const string Pool = "tank/vps";

    private readonly TemporaryFolder _folder = new();
    private readonly TimeProvider _time;
    private readonly Func<ServerOptions, ServerOptions> _configure;
    private readonly TestDatabase _database;
    private readonly RunningServer? _other;
    private Installation? _installation;
    private WebApplication? _app;

    private RunningServer(TimeProvider time, Func<ServerOptions, ServerOptions> configure, TestDatabase database, RunningServer? other = null) =>
        (_time, _configure, _database, _other) = (time, configure, database, other);

    public ScriptedNode Node { get; private set; } = new();

    public Installation Installation => _installation!;

    public string DownloadFolder => _folder.Below("downloads");

    public IServiceProvider Services => _app!.Services;

    public Uri Url => new(Services.GetRequiredService<ServerAddress>().BaseUrl + "/");

    public HaveApiProtocol Protocol { get; private init; } = HaveApiProtocol.Second;

    public ServerOptions Options => _configure(new(_folder.Below("data"), "http://127.0.0.1:0", Pool, "node1.example.org") { Protocol = Protocol, Database = _database.Options });

    public static async Task<RunningServer> StartAsync(
        TimeProvider? time = null, HaveApiProtocol? protocol = null, Func<ServerOptions, ServerOptions>? configure = null)
    {
        var server = new RunningServer(time ?? TimeProvider.System, configure ?? (static options => options), await TestDatabase.CreateAsync()) { Protocol = protocol ?? HaveApiProtocol.Second };
        await server.StartAsync();
        return server;
    }

    /// <summary>One more server on the database of this one, with the same nodes. Neither has a node inside.</summary>
    public async Task<RunningServer> StartAnotherAsync()
    {
        var server = new RunningServer(_time, _configure, _database, this) { Node = Node };
        await server.StartAsync();
        return server;
    }

    /// <summary>Stops the server, also in the middle of its work, and starts it anew with a node that knows nothing.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Node = new();
        await StartAsync();
    }

    /// <summary>Logs in with a token.</summary>
    public Task<HaveApiClient> ConnectAsync(string login, string password) => HaveApiClient.ConnectAsync(
        Url, TokenAuthentication.Request(login, password, TokenLifetime.Fixed, TimeSpan.FromHours(1)), null, null, TestContext.Current.CancellationToken);

    public async Task<HaveApiClient> ConnectAsAdministratorAsync() =>
        await ConnectAsync("admin", (await File.ReadAllTextAsync(Installation.Data.AdminPassword, TestContext.Current.CancellationToken)).Trim());

    /// <summary>Does something with the database in a scope of its own.</summary>
    public async Task<T> QueryAsync<T>(Func<VpsAdminDb, Task<T>> query)
    {
        await using var scope = Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<VpsAdminDb>());
    }

    /// <summary>Does something with a service of a request.</summary>
    public async Task<T> UseAsync<TService, T>(Func<TService, VpsAdminDb, Task<T>> use) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<TService>(), scope.ServiceProvider.GetRequiredService<VpsAdminDb>());
    }

    /// <summary>Waits until a chain has changed so that the condition holds.</summary>
    public async Task WaitUntilAsync(Func<VpsAdminDb, Task<bool>> condition)
    {
        var cancel = TestContext.Current.CancellationToken;
        var signals = Services.GetRequiredService<ChainSignals>();
        while (true)
        {
            var change = signals.NextChange;
            if (await QueryAsync(condition))
                return;
            await change.WaitAsync(TimeSpan.FromSeconds(30), cancel);
        }
    }

    public Task WaitForAsync(long chainId, ChainState state) =>
        WaitUntilAsync(async db => (await db.TransactionChains.FindAsync(chainId))?.State == state);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_other is null)
            await _database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        var data = DataDirectory.Open(Options.DataDirectory);
        await TestDatabase.PlaceAsync(data.Database);
        var (node, pool, _) = await Installation.PrepareDatabaseAsync(data, Options, TimeProvider.System, CancellationToken.None);
        Directory.CreateDirectory(DownloadFolder);
        _installation = new Installation(data, node.Id, node.DomainName, pool?.Id ?? 0, pool?.Filesystem, DownloadFolder);
        _app = ServerApp.Build(Options, _installation, new ZfsHost(), services =>
        {
            services.AddSingleton<INodeBus>(Node);
            services.AddSingleton<IVpsWatch, SilentNodes>();
            services.AddSingleton(_time);

            // Not what these tests are about, and slow on purpose.
            services.AddSingleton(PasswordHashing.Create(iterations: 1000));
            services.AddLogging(static logging => logging.ClearProviders());
        });
        await _app.StartAsync();
    }

    /// <summary>Nobody tells what VPSes are doing but the test.</summary>
    private sealed class SilentNodes : IVpsWatch
    {
        public Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) => Task.FromResult<IReadOnlyList<VpsSample>?>(null);
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        _app = null;
        _installation?.Data.Dispose();
    }
}
