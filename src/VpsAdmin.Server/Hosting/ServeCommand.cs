using System.CommandLine;
using System.CommandLine.Parsing;
using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server serve</c></summary>
internal static class ServeCommand
{
    private const int Failed = 1;
    private const int BadSetup = 2;

    public static Command Create(IConfiguration configuration)
    {
        var data = new Option<string>("--data")
        {
            Description = "Folder for the database and the administrator's first password", HelpName = "DIR",
            Required = configuration["data"] is null, DefaultValueFactory = Default(configuration["data"]),
        };
        var urls = new Option<string>("--urls")
        {
            Description = "Addresses to listen on; port 0 takes any free one, and DIR/server.url tells which",
            HelpName = "URLS", DefaultValueFactory = _ => configuration["urls"] ?? "http://127.0.0.1:4567",
        };
        var pool = new Option<string?>("--pool")
        {
            Description = "ZFS filesystem below which datasets live, such as tank/vps; without one the server has no node inside, and shares its database (PostgreSQL) with others",
            HelpName = "FILESYSTEM", Required = configuration["pool"] is null && !DatabaseOptions.Read(configuration).IsPostgreSql, DefaultValueFactory = Default(configuration["pool"]),
        };
        var backupPool = new Option<string[]>("--backup-pool")
        {
            Description = "ZFS filesystem of this machine that backups go to; can be given more than once", HelpName = "FILESYSTEM",
            DefaultValueFactory = _ => configuration.GetSection("backuppools").Get<string[]>() ?? [],
        };
        var nodeName = new Option<string?>("--node-name") { Description = "Domain name of this node (default: the machine's name)", HelpName = "NAME", DefaultValueFactory = _ => configuration["nodename"] };
        var baseUrl = new Option<Uri?>("--base-url")
        {
            Description = "Address that clients see (default: the first one of --urls)", HelpName = "URL",
            DefaultValueFactory = result => configuration["baseurl"] is { } text ? Address(text, result) : null,
            CustomParser = static result => Address(result.Tokens[0].Value, result),
        };
        var protocol = new Option<string>("--haveapi")
        {
            Description = "Protocol that clients are spoken to in: 2.0, or 1.0 for clients of 2016", HelpName = "VERSION", DefaultValueFactory = static _ => "2.0",
        };
        protocol.AcceptOnlyFromAmong("2.0", "1.0");
        var broker = new BrokerArguments(configuration);
        var streams = new Option<string?>("--streams") { Description = "Address and port where this node takes snapshots of other nodes, such as 0.0.0.0:4569 (default: it takes none)", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => configuration["streams"] };
        var streamAddress = new Option<string?>("--stream-address") { Description = "What other nodes see that as (default: the node's name and the port)", HelpName = "HOST[:PORT]", DefaultValueFactory = _ => configuration["streamaddress"] };
        // For programs that start a server of their own.
        var exitWithInput = new Option<bool>("--exit-with-stdin") { Description = "Stop when standard input ends", Hidden = true };
        var command = new Command("serve", "Runs the API server, with a node in the same process where it has a pool.") { data, urls, pool, backupPool, nodeName, baseUrl, protocol, streams, streamAddress, exitWithInput };
        broker.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            configuration,
            new ServerOptions(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(urls), parsed.GetValue(pool), parsed.GetValue(nodeName), parsed.GetValue(baseUrl),
                parsed.GetValue(exitWithInput))
            {
                Protocol = Api.HaveApiProtocol.Parse(parsed.GetRequiredValue(protocol)),
                Broker = broker.Read(parsed),
                Streams = parsed.GetValue(streams) is { } listen ? new(listen, parsed.GetValue(streamAddress)) : null,
                BackupPools = parsed.GetValue(backupPool) ?? [],
            },
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(IConfiguration configuration, ServerOptions options, CancellationToken cancel)
    {
        try
        {
            options = ServerConfiguration.Apply(configuration, options);
            var zfs = new ZfsHost();
            var installation = await Installation.PrepareAsync(options, zfs, TimeProvider.System, cancel).ConfigureAwait(false);
            using (installation.Data)
            {
                if (options.Broker is null)
                    return await RunAsync(ServerApp.Build(options, installation, zfs), cancel).ConfigureAwait(false);
                var network = await NodeNetwork.ConnectAsync(options.Broker, TimeProvider.System, cancel).ConfigureAwait(false);
                await using (network.ConfigureAwait(false))
                    return await RunAsync(ServerApp.Build(options, installation, zfs, network.AddTo), cancel).ConfigureAwait(false);
            }
        }
        catch (SetupException e)
        {
            await Console.Error.WriteLineAsync($"vpsadmin-server: {e.Message}").ConfigureAwait(false);
            return BadSetup;
        }
    }

    private static async Task<int> RunAsync(WebApplication app, CancellationToken cancel)
    {
        await using (app.ConfigureAwait(false))
        {
            if (await StartAsync(app, cancel).ConfigureAwait(false))
                await app.WaitForShutdownAsync(cancel).ConfigureAwait(false);
            return StatusOf(app.Services.GetServices<IHostedService>());
        }
    }

    /// <summary>A service that cannot go on has stopped the server, which has not ended well then.</summary>
    /// <exception cref="SetupException">It cannot go on with what the server was started with.</exception>
    internal static int StatusOf(IEnumerable<IHostedService> services)
    {
        var failure = services.OfType<BackgroundService>().Select(static s => s.ExecuteTask?.Exception?.InnerException).FirstOrDefault(static e => e is not null);
        if (failure is SetupException)
            throw failure;
        return failure is null ? 0 : Failed;
    }

    private static Func<ArgumentResult, string>? Default(string? value) => value is null ? null : _ => value;

    private static Uri? Address(string text, ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri))
            return uri;
        result.AddError($"--base-url: '{text}' is not an http or https address.");
        return null;
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
            throw new SetupException($"--urls: cannot listen: {e.Message}", e);
        }
    }
}
