using System.Globalization;

namespace VpsAdmin.Node.Streams;

/// <summary>Where a node awaits streams, as others see it: <c>node2.example.org:4569</c> or <c>[2001:db8::2]:4569</c>.</summary>
public static class StreamAddress
{
    /// <exception cref="TransactionException">It is no such address.</exception>
    public static (string Host, int Port) Parse(string address) =>
        Find(address) ?? throw new TransactionException($"'{address}' is not the address of a node, such as node2.example.org:4569.");

    public static bool IsValid(string address) => Find(address) is not null;

    /// <param name="host">A name, or an address of IPv4 or IPv6.</param>
    public static string Of(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}");

    private static (string Host, int Port)? Find(string address)
    {
        var end = address.LastIndexOf(':');
        if (end < 1 || !int.TryParse(address.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return null;
        var host = address[..end];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed)
            host = host[1..^1];
        return (Uri.CheckHostName(host), isBracketed) is (UriHostNameType.IPv6, true) or (UriHostNameType.Dns or UriHostNameType.IPv4, false) ? (host, port) : null;
    }
}
