using System.Net;

namespace VpsAdmin.Node.Streams;

/// <summary>How a node takes streams of other nodes.</summary>
/// <param name="Listen">Address and port, such as <c>0.0.0.0:4569</c>; port 0: any free one.</param>
/// <param name="Address">What other nodes see that as, with a port where it is another; null: the node's name.</param>
public sealed record StreamSettings(string Listen, string? Address = null)
{
    /// <summary>What cannot be, for the person who wrote it; null: it can.</summary>
    public string? Fault => !IPEndPoint.TryParse(Listen, out _) || !Listen.Contains(':', StringComparison.Ordinal)
        ? $"--streams: '{Listen}' is not an address with a port to listen on, such as 0.0.0.0:4569."
        : Address is not null && !StreamAddress.IsValid(Address) && !StreamAddress.IsValid(StreamAddress.Of(Address, 1))
            ? $"--stream-address: '{Address}' is not an address of this node, such as node2.example.org:4569." : null;

    public IPEndPoint EndPoint => IPEndPoint.Parse(Listen);

    /// <param name="at">Where it listens.</param>
    public string AddressOf(string nodeName, IPEndPoint at) =>
        Address is not null && StreamAddress.IsValid(Address) ? Address : StreamAddress.Of(Address ?? nodeName, at.Port);
}
