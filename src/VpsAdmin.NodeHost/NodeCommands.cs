using System.CommandLine;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.NodeWeb;

namespace VpsAdmin.NodeHost;

/// <summary>The program: its commands, and where their settings come from.</summary>
internal static class NodeCommands
{
    public const int BadSetup = 2;

    private const string ConfigOption = "--config";
    private const string Prefix = "VPSADMIN_NODE_";

    /// <summary>Runs a command line; errors are one line each on standard error.</summary>
    /// <returns>0, 1 when the node could not go on, 2 when it cannot be started like that.</returns>
    public static async Task<int> RunAsync(string[] arguments, InvocationConfiguration invocation)
    {
        return await TellAsync(invocation, async () =>
        {
            // The file's name is itself an argument, and what is in it makes other arguments unnecessary.
            var file = Create(new ConfigurationBuilder().Build()).Parse(arguments).GetValue<string?>(ConfigOption);
            var parsed = Create(Read(file)).Parse(arguments);
            foreach (var error in parsed.Errors)
                await invocation.Error.WriteLineAsync($"vpsadmin-node: {error.Message}").ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? BadSetup : await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static RootCommand Create(IConfiguration configuration) => new("A node of vpsAdmin: does on its pools what the server has in its queues.")
    {
        new Option<string?>(ConfigOption)
        {
            Description = $"JSON file with settings that are not given as arguments or as {Prefix}... in the environment", HelpName = "FILE", Recursive = true,
        },
        Serve(configuration),
    };

    private static Command Serve(IConfiguration configuration)
    {
        var name = Required("--name", "NAME", "Domain name that the node was added with (vpsadmin-server node add)", configuration["name"]);
        var pools = new Option<string[]>("--pool")
        {
            Description = "ZFS filesystem for datasets or backups, such as tank/vps; can be given more than once", HelpName = "FILESYSTEM",
            DefaultValueFactory = _ => configuration.GetSection("pools").Get<string[]>() ?? (configuration["pool"] is { } one ? [one] : []),
        };
        var nats = Required("--nats", "URL", "NATS broker that the server is reached by", configuration["nats"]);
        var credentials = Optional("--nats-credentials", "FILE", "File with the broker's credentials: NATS's .creds, or one line user:password", configuration["natscredentials"]);
        var ca = Optional("--nats-ca", "FILE", "PEM file of the authority that signed the broker's certificate", configuration["natsca"]);
        var urls = new Option<string>("--urls")
        {
            Description = "Addresses where downloads are served; port 0 takes any free one", HelpName = "URLS", DefaultValueFactory = _ => configuration["urls"] ?? "http://127.0.0.1:4568",
        };
        var baseUrl = Optional("--base-url", "URL", "Address that clients see (default: the first one of --urls)", configuration["baseurl"]);
        var streams = Optional("--streams", "ADDRESS:PORT", "Address and port where snapshots of other nodes are taken, such as 0.0.0.0:4569 (default: they are not)", configuration["streams"]);
        var streamAddress = Optional("--stream-address", "HOST[:PORT]", "What other nodes see that as (default: the node's name and the port)", configuration["streamaddress"]);
        var command = new Command("serve", "Runs the node.") { name, pools, nats, credentials, ca, urls, baseUrl, streams, streamAddress };
        // Within the action: what it throws, the library of the command line would tell with a stack.
        command.SetAction((parsed, cancel) => TellAsync(parsed.InvocationConfiguration, () => NodeProgram.RunAsync(
            new NodeOptions(
                parsed.GetRequiredValue(name), parsed.GetValue(pools) ?? [],
                new NatsSettings(parsed.GetRequiredValue(nats), parsed.GetValue(credentials), parsed.GetValue(ca)), parsed.GetRequiredValue(urls), Address(parsed.GetValue(baseUrl)))
            {
                Queues = Queues(configuration),
                Vpses = configuration.GetSection("vpses").Get<VpsOptions>() ?? new(),
                Streams = parsed.GetValue(streams) is { } listen ? new(listen, parsed.GetValue(streamAddress)) : null,
            },
            cancel)));
        return command;
    }

    private static async Task<int> TellAsync(InvocationConfiguration invocation, Func<Task<int>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (NodeSetupException e)
        {
            await invocation.Error.WriteLineAsync($"vpsadmin-node: {e.Message}").ConfigureAwait(false);
            return BadSetup;
        }
    }

    private static IReadOnlyList<QueueLimit> Queues(IConfiguration configuration)
    {
        try
        {
            return QueueSettings.Read(configuration.GetSection("queues"));
        }
        catch (FormatException e)
        {
            throw new NodeSetupException($"--config: {e.Message}", e);
        }
    }

    private static Option<string> Required(string name, string help, string description, string? value) =>
        new(name) { Description = description, HelpName = help, Required = value is null, DefaultValueFactory = value is null ? null : _ => value };

    private static Option<string?> Optional(string name, string help, string description, string? value) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => value };

    private static Uri? Address(string? text) =>
        text is null ? null : Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new NodeSetupException($"--base-url: '{text}' is not an http or https address.");

    private static IConfiguration Read(string? file)
    {
        try
        {
            return SettingsFile.Read(file, Prefix);
        }
        catch (FormatException e)
        {
            throw new NodeSetupException(e.Message, e);
        }
    }
}
