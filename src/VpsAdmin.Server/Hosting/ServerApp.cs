using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Accounts.OAuth;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Server.Hosting.Telemetry;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Migrating;
using VpsAdmin.Server.Plans;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Samples;
using VpsAdmin.Server.Sharing;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Transfers;
using VpsAdmin.Server.Vpses;
using VpsAdmin.Server.Web;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>Puts the server together.</summary>
public static class ServerApp
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);

    /// <summary>Whoever holds connections open by sending almost nothing is let go (408).</summary>
    private static readonly TimeSpan HeadersLimit = TimeSpan.FromSeconds(15);
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <param name="configure">Last word on the services.</param>
    public static WebApplication Build(ServerOptions options, Installation installation, ZfsHost zfs, Action<IServiceCollection>? configure = null)
    {
        // Always production: elsewhere the framework shows stack traces to clients.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = HeadersLimit;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        });
        builder.Logging.ClearProviders().AddFilter("Microsoft", LogLevel.Warning);
        if (options.Telemetry.JsonLog)
            builder.Logging.AddJsonConsole(static console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "O"));
        else
            builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);

        var services = builder.Services;
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownLimit);
        services.AddSingleton(options);
        services.AddSingleton(installation);
        services.AddSingleton(zfs);
        services.AddSingleton(TimeProvider.System);
        Database.AddTo(services, options.Database, installation.Data.Database);
        AddSharing(services, options);
        AddAccounts(services);
        services.AddOAuth(options.Keys ?? installation.Data.Keys);
        AddChains(services);
        services.AddTelemetry(options.Telemetry);
        services.AddHealth();
        services.AddSingleton<DatasetUsage>();
        services.AddSingleton<PoolSpace>();
        services.AddSingleton<ServerAddress>();
        services.AddHostedService(static s => s.GetRequiredService<ServerAddress>());
        services.AddLed<ExpiredDownloads>();
        services.AddLed<SpaceSampler>();
        // Behind the node in this process, which is to be there when chains begin.
        services.AddHostedService<Leader>();
        if (options.ExitWithInput)
            services.AddHostedService<InputEnd>();
        services.AddHaveApi(AllResources.List, ApiOptions(options.Protocol));
        services.AddWeb();
        configure?.Invoke(services);

        var app = builder.Build();

        // Where a proxy on this machine is in front, failed logins count for who is behind it, and cookies keep to its TLS.
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.UseTelemetry(options.Telemetry);
        app.MapHealth();
        app.MapDownloads(installation.DomainName, installation.DownloadFolderOf);
        app.MapHaveApi();
        app.UseReadableForms();
        app.MapOAuth();
        app.MapWeb();
        return app;
    }

    /// <summary>vpsAdmin's API had version 2.0 in the days of protocol 1.0, and clients of that time ask for it.</summary>
    private static HaveApiOptions ApiOptions(HaveApiProtocol protocol) =>
        protocol == HaveApiProtocol.First ? new HaveApiOptions("2.0") { Protocol = protocol } : new HaveApiOptions();

    private static void AddAccounts(IServiceCollection services)
    {
        services.AddSingleton(static _ => PasswordHashing.Create());
        services.AddSingleton<PasswordCheck>();
        services.AddScoped<TokenStore>();
        services.AddScoped<DatabaseAccounts>();
        services.AddScoped<IAccounts>(static s => s.GetRequiredService<DatabaseAccounts>());
    }

    /// <summary>Before all else, so that a server that must not run beside others does nothing.</summary>
    private static void AddSharing(IServiceCollection services, ServerOptions options)
    {
        if (options.Database.IsPostgreSql)
        {
            services.AddSingleton(options.Database);
            services.AddHostedService(s => ActivatorUtilities.CreateInstance<PostgresNews>(s, options.Pool is not null));
            services.AddHostedService<NewsTelling>();
            services.AddSingleton<ILeadership, PostgresLeadership>();
        }
        else
        {
            services.AddSingleton<ILeadership, OnlyServer>();
        }
    }

    private static void AddVpses(IServiceCollection services)
    {
        services.AddSingleton<IVpsRuntime>(static s => new LxcRuntime(s.GetRequiredService<ServerOptions>().Vpses, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IVpsWatch, LocalVpsWatch>();
        services.AddSingleton<IVpsConsoles, VpsConsoles>();
        services.AddLed<VpsWatch>();
        services.AddLed<ExpiredVpses>();
        services.AddScoped<VpsCreation>();
        services.AddScoped<VpsPower>();
        services.AddScoped<VpsSetup>();
        services.AddScoped<VpsDeletion>();
        services.AddScoped<VpsMove>();
        services.AddSingleton<IChainEnd, VpsMoveCleanup>();
        services.AddScoped<VpsClone>();
        services.AddScoped<MigrationMail>();
        services.AddScoped<MoveMail>();
        services.AddScoped<MigrationPlanRun>();
        services.AddLed<MigrationPlanRunner>();
    }

    private static void AddChains(IServiceCollection services)
    {
        services.AddSingleton<InProcessBus>();
        services.AddSingleton<INodeBus>(static s => s.GetRequiredService<InProcessBus>());
        services.AddSingleton<INodesThere, AllNodesThere>();
        services.AddSingleton<NodeService>();
        services.AddHostedService(static s => s.GetRequiredService<NodeService>());
        services.AddSingleton<ChainSignals>();
        services.AddLed<ChainEngine>();
        services.AddScoped<ChainStarter>();
        services.AddScoped<ChainResolution>();
        services.AddScoped<IActionStates, ChainActionStates>();
        AddVpses(services);
        services.AddScoped<DownloadCreation>();
        services.AddScoped<DownloadRemoval>();
        services.AddScoped<DownloadSource>();
        services.AddScoped<BackupTree>();
        services.AddScoped<SnapshotSending>();
        services.AddScoped<DatasetTransfer>();
        services.AddScoped<BackupTransfer>();
        services.AddScoped<DatasetBackup>();
        services.AddScoped<SnapshotRollback>();
        services.AddScoped<GroupSnapshots>();
        services.AddScoped<SnapshotRotation>();
        services.AddScoped<PlannedChains>();
        services.AddScoped<DatasetPlans>();
        services.AddLed<PlanRunner>();
        services.AddSingleton<DownloadMail>();
        services.AddSingleton<IChainEnd>(static s => s.GetRequiredService<DownloadMail>());
    }
}
