using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>The whole server with its node on a real ZFS, one for each class of tests.</summary>
public class RealServer : IAsyncLifetime
{
    private readonly ZfsRule[] _rules;
    private readonly TemporaryFolder _folder = new();
    private readonly List<HaveApiClient> _clients = [];
    private ZfsLab? _lab;
    private LabPool? _pool;
    private Installation? _installation;
    private WebApplication? _app;
    private ZfsDouble? _double;

    public RealServer()
        : this([])
    {
    }

    /// <param name="rules">What its <c>zfs</c> does otherwise than the machine's.</param>
    protected RealServer(ZfsRule[] rules) => _rules = rules;

    public ZfsHost Zfs { get; private set; } = new();

    /// <summary>Its <c>zfs</c>, where there are rules for it.</summary>
    public ZfsDouble Double => _double!;

    /// <summary>Filesystem below which datasets live.</summary>
    public string Filesystem => _pool!.Name + "/vps";

    public string Pool => _pool!.Name;

    /// <summary>Filesystem that backups go to.</summary>
    public string Backup => _pool!.Name + "/backup";

    public Installation Installation => _installation!;

    public IServiceProvider Services => _app!.Services;

    public VpsAdminClient Admin { get; private set; } = null!;

    public Uri Url => new(_app!.Services.GetRequiredService<ServerAddress>().BaseUrl + "/");

    public string AdminPassword { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        _lab = await ZfsLab.StartAsync(cancel);
        if (!_lab.Available)
            return;
        _pool = await _lab.CreatePoolAsync("server", cancel: cancel);
        if (_rules.Length > 0)
            Zfs = new(new ZfsHostOptions(Program: (_double = await ZfsDouble.CreateAsync(_rules)).Program));
        await Zfs.CreateFilesystemAsync(Filesystem, null, cancel);
        await Zfs.CreateFilesystemAsync(Backup, null, cancel);

        var options = new ServerOptions(_folder.Below("data"), "http://127.0.0.1:0", Filesystem, "node1.example.org") { BackupPools = [Backup], Streams = new("127.0.0.1:0", "127.0.0.1") };
        _installation = await Installation.PrepareAsync(options, Zfs, TimeProvider.System, cancel);
        _app = ServerApp.Build(options, _installation, Zfs, static services => services.AddLogging(static logging => logging.ClearProviders()));
        await _app.StartAsync(cancel);
        AdminPassword = (await File.ReadAllTextAsync(_installation.Data.AdminPassword, cancel)).Trim();
        Admin = await ConnectAsync("admin", AdminPassword);
    }

    public bool IsAvailable => _lab!.Available;

    /// <summary>Skips the test where there is no ZFS to be had.</summary>
    public void Require() => Assert.SkipUnless(_lab!.Available, _lab.Reason ?? "");

    public async Task<VpsAdminClient> ConnectAsync(string login, string password)
    {
        var client = await HaveApiClient.ConnectAsync(
            new Uri(_app!.Services.GetRequiredService<ServerAddress>().BaseUrl),
            TokenAuthentication.Request(login, password, TokenLifetime.RenewableAuto, TimeSpan.FromHours(1)), null, null, TestContext.Current.CancellationToken);
        _clients.Add(client);
        return new VpsAdminClient(client);
    }

    public async Task<T> QueryAsync<T>(Func<Data.VpsAdminDb, Task<T>> query)
    {
        await using var scope = _app!.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<Data.VpsAdminDb>());
    }

    public async Task<T> UseAsync<TService, T>(Func<TService, Task<T>> use) where TService : notnull
    {
        await using var scope = _app!.Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static c => c.Dispose());
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        _installation?.Data.Dispose();
        if (_pool is not null)
            await _pool.DisposeAsync();
        if (_lab is not null)
            await _lab.DisposeAsync();
        _folder.Dispose();
        _double?.Dispose();
        GC.SuppressFinalize(this);
    }
}
