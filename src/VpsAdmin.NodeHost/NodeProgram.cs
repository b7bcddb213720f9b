using NATS.Client.Core;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.NodeWeb;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost;

/// <summary>Puts the node together and runs it.</summary>
internal static class NodeProgram
{
    // Handlers take away what a half done export or transfer left; the broker hands the work to the next process.
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(NodeOptions options, CancellationToken cancel)
    {
        options.Check();
        var zfs = new ZfsHost();
        var folders = await PrepareAsync(options, zfs, cancel).ConfigureAwait(false);
        var link = await ConnectAsync(options, cancel).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            var identity = new NodeIdentity();
            var app = Build(options, zfs, link, identity, folders);
            await using (app.ConfigureAwait(false))
            {
                if (await StartAsync(app, cancel).ConfigureAwait(false))
                    await app.WaitForShutdownAsync(cancel).ConfigureAwait(false);
                return app.Services.GetRequiredService<NodeWork>().HasFailed ? 1 : 0;
            }
        }
    }

    private static WebApplication Build(NodeOptions options, ZfsHost zfs, NatsLink link, NodeIdentity identity, IReadOnlyDictionary<string, string> folders)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Logging.ClearProviders().AddSimpleConsole(static console => console.SingleLine = true).AddFilter("Microsoft", LogLevel.Warning);
        var services = builder.Services;
        services.AddSystemd();
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownLimit);
        services.AddSingleton(options);
        services.AddSingleton(zfs);
        services.AddSingleton(link);
        services.AddSingleton(identity);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<NodeWork>();
        services.AddHostedService(static s => s.GetRequiredService<NodeWork>());

        var app = builder.Build();
        app.MapGet("/health", (NodeWork work) => Results.Text(
            work.IsUp ? "ok" : "not ready", statusCode: work.IsUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        app.MapDownloads(options.Name, pool => identity.FilesystemOf(pool) is { } filesystem ? folders.GetValueOrDefault(filesystem) : null);
        return app;
    }

    /// <summary>Folders where the exports of the pools grow, by filesystem.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> PrepareAsync(NodeOptions options, ZfsHost zfs, CancellationToken cancel)
    {
        var folders = new Dictionary<string, string>();
        foreach (var pool in options.Pools)
        {
            try
            {
                await zfs.GetFilesystemAsync(pool, cancel).ConfigureAwait(false);
                folders[pool] = await DownloadArea.PrepareAsync(zfs, pool, cancel).ConfigureAwait(false);
            }
            catch (ZfsException e) when (e.Failure is ZfsFailure.NotFound)
            {
                throw new NodeSetupException($"--pool: there is no filesystem '{pool}' on this machine; 'zfs list' shows those that are.", e);
            }
            catch (Exception e) when (e is ZfsException or TransactionException)
            {
                throw new NodeSetupException($"--pool: '{pool}' cannot be used: {e.Message.ReplaceLineEndings(" ").Trim()}", e);
            }
        }
        return folders;
    }

    private static async Task<NatsLink> ConnectAsync(NodeOptions options, CancellationToken cancel)
    {
        try
        {
            return await NatsLink.ConnectAsync(options.Broker with { Node = options.Name }, $"vpsadmin-node {options.Name}", TimeProvider.System, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new NodeSetupException($"--nats: the broker at {options.Broker.Url} cannot be used: {e.Message}", e);
        }
    }

    /// <returns>False: it was told to stop meanwhile, and has stopped.</returns>
    private static async Task<bool> StartAsync(WebApplication app, CancellationToken cancel)
    {
        try
        {
            return await app.TryStartAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new NodeSetupException($"--urls: cannot listen: {e.Message}", e);
        }
    }
}
