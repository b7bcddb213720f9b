using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting.Telemetry;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Plans;

namespace VpsAdmin.Server.Hosting;

/// <param name="DataDirectory">Database, administrator's first password, address of the running server.</param>
/// <param name="Urls">Where to listen, <c>;</c> between several; port 0: any free one.</param>
/// <param name="Pool">Filesystem below which datasets live, such as <c>tank/vps</c>; null: this server has no node inside, and shares its database with others.</param>
/// <param name="NodeName">Domain name of this node; null: the machine's name.</param>
/// <param name="BaseUrl">What clients see this server as; null: the first address listened on.</param>
/// <param name="ExitWithInput">Stop when standard input ends: whoever started the server holds its other end, and is gone then.</param>
public sealed partial record ServerOptions(
    string DataDirectory, string Urls, string? Pool, string? NodeName = null, Uri? BaseUrl = null, bool ExitWithInput = false)
{
    /// <summary>What clients are spoken to in.</summary>
    public Api.HaveApiProtocol Protocol { get; init; } = Api.HaveApiProtocol.Second;

    public DatabaseOptions Database { get; init; } = new();

    /// <summary>Folder with what tokens and forms are protected with, the same for all servers on a database; null: in the data directory.</summary>
    public string? Keys { get; init; }

    /// <summary>Filesystems of this machine that backups go to; added to those that are known already.</summary>
    public IReadOnlyList<string> BackupPools { get; init; } = [];

    /// <summary>Null: there is no node but the one in this process.</summary>
    public BrokerOptions? Broker { get; init; }

    /// <summary>Queues of the node in this process.</summary>
    public IReadOnlyList<Node.QueueLimit> Queues { get; init; } = Node.QueueLimit.Defaults;

    /// <summary>How the node in this process runs VPSes.</summary>
    public Node.Runtime.VpsOptions Vpses { get; init; } = new();

    /// <summary>How long VPSes that were deleted can be brought back.</summary>
    public TimeSpan DeletedVpsLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How the node in this process takes streams of other nodes; null: it takes none.</summary>
    public Node.Streams.StreamSettings? Streams { get; init; }

    public PlanOptions Plans { get; init; } = new();

    public MailOptions Mail { get; init; } = new();

    public TelemetryOptions Telemetry { get; init; } = new();

    /// <exception cref="SetupException">Something cannot be right.</exception>
    public void Check()
    {
        foreach (var url in Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(""))
        {
            if (!IsHttpAddress(url))
                throw new SetupException($"--urls: '{url}' is not an address to listen on, such as http://127.0.0.1:8080 (put a TLS proxy in front for https).");
        }
        Database.Check();
        if (Pool is null)
            CheckWithoutNode();
        else if (!Zfs.ZfsName.IsDataset(Pool))
            throw new SetupException($"--pool: '{Pool}' is not the name of a ZFS filesystem, such as tank/vps.");
        foreach (var backup in BackupPools)
        {
            if (Pool is null || !Zfs.ZfsName.IsDataset(backup) || IsInside(backup, Pool) || IsInside(Pool, backup))
                throw new SetupException($"--backup-pool: '{backup}' is not the name of a ZFS filesystem apart from {Pool}, such as backup/vps.");
        }
        if (Broker is not null && Nats.NatsSettings.Fault(Broker.Url) is { } fault)
            throw new SetupException($"--nats: {fault}");
        if (Broker is { Replicas: not (1 or 3 or 5) })
            throw new SetupException($"--nats-replicas: {Broker.Replicas} is none of 1, 3 and 5.");
        if (Streams?.Fault is { } streams)
            throw new SetupException(streams);
        Plans.Check();
        Mail.Check();
        Telemetry.Check();
        if (NodeName is not null && !DomainNamePattern().IsMatch(NodeName))
            throw new SetupException($"--node-name: '{NodeName}' is not a domain name, such as node1.example.org.");
        if (BaseUrl is not null && (!BaseUrl.IsAbsoluteUri || BaseUrl.Scheme is not ("http" or "https") || BaseUrl.Query is not "" || BaseUrl.Fragment is not ""))
            throw new SetupException($"--base-url: '{BaseUrl}' is not an http or https address.");
    }

    private void CheckWithoutNode()
    {
        if (!Database.IsPostgreSql)
            throw new SetupException("--pool: a server without a node inside needs a database that is not in its own folder (database:provider postgresql).");
        if (Broker is null)
            throw new SetupException("--nats: a server without a node inside reaches nodes by a broker only.");
        if (Streams is not null || BackupPools.Count > 0)
            throw new SetupException("--pool: streams and backup pools are a node's, and this server has none inside.");
    }

    /// <summary>Lower-case; usable as a path segment.</summary>
    public string DomainName
    {
        get
        {
            var name = (NodeName ?? Environment.MachineName).ToLowerInvariant();
            return DomainNamePattern().IsMatch(name) ? name : "node1";
        }
    }

    internal static bool IsDomainName(string name) => DomainNamePattern().IsMatch(name);

    private static bool IsInside(string name, string filesystem) => name == filesystem || name.StartsWith(filesystem + "/", StringComparison.Ordinal);

    private static bool IsHttpAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Scheme is "http" && address.PathBase is "" && address.Port is >= 0 and <= 65535;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,62})(?:\.[a-zA-Z0-9][a-zA-Z0-9-]{0,62})*\z")]
    private static partial Regex DomainNamePattern();
}

/// <summary>The server cannot start with what it was given; the message is for the person who started it.</summary>
public sealed class SetupException(string message, Exception? inner = null) : Exception(message, inner);
