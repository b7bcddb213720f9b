using Microsoft.AspNetCore.Http;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost;

/// <param name="Name">Domain name that the node was added to the cluster with.</param>
/// <param name="Pools">Filesystems for datasets or backups, such as <c>tank/vps</c>.</param>
/// <param name="Urls">Where downloads are served, <c>;</c> between several.</param>
/// <param name="BaseUrl">What clients see that as; null: the first address listened on.</param>
internal sealed record NodeOptions(string Name, IReadOnlyList<string> Pools, NatsSettings Broker, string Urls, Uri? BaseUrl)
{
    public IReadOnlyList<QueueLimit> Queues { get; init; } = QueueLimit.Defaults;

    /// <summary>How it runs VPSes.</summary>
    public VpsOptions Vpses { get; init; } = new();

    /// <summary>How it takes streams of other nodes; null: it takes none.</summary>
    public StreamSettings? Streams { get; init; }

    /// <exception cref="NodeSetupException">Something cannot be right.</exception>
    public void Check()
    {
        if (Uri.CheckHostName(Name) is not UriHostNameType.Dns || Name.Any(char.IsAsciiLetterUpper))
            throw new NodeSetupException($"--name: '{Name}' is not a domain name in small letters, such as node2.example.org.");
        if (Pools.Count == 0)
            throw new NodeSetupException("--pool: a node has one pool at least, such as tank/vps.");
        foreach (var pool in Pools)
        {
            if (!ZfsName.IsDataset(pool))
                throw new NodeSetupException($"--pool: '{pool}' is not the name of a ZFS filesystem, such as tank/vps.");
            if (Pools.FirstOrDefault(other => other.StartsWith(pool + "/", StringComparison.Ordinal)) is { } inside)
                throw new NodeSetupException($"--pool: '{inside}' is not apart from '{pool}'.");
        }
        if (NatsSettings.Fault(Broker.Url) is { } fault)
            throw new NodeSetupException($"--nats: {fault}");
        if (Streams?.Fault is { } streams)
            throw new NodeSetupException(streams);
        foreach (var url in Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(""))
        {
            if (!IsHttpAddress(url))
                throw new NodeSetupException($"--urls: '{url}' is not an address to listen on, such as http://127.0.0.1:4568 (put a TLS proxy in front for https).");
        }
        if (BaseUrl is not null && (BaseUrl.Scheme is not ("http" or "https") || BaseUrl.Query is not "" || BaseUrl.Fragment is not ""))
            throw new NodeSetupException($"--base-url: '{BaseUrl}' is not an http or https address.");
    }

    private static bool IsHttpAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http", PathBase: "", Port: >= 0 and <= 65535 };
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>The node cannot start with what it was given; the message is for the person who started it.</summary>
internal sealed class NodeSetupException(string message, Exception? inner = null) : Exception(message, inner);
