using System.Net;

namespace VpsAdmin.Server.Hosting.Telemetry;

/// <summary>Who is told how the server does.</summary>
/// <param name="Otlp">Collector that traces and metrics are sent to, by OTLP over HTTP; null: none.</param>
public sealed record TelemetryOptions(Uri? Otlp = null)
{
    /// <summary>Networks that may read <c>/metrics</c>, such as <c>10.0.0.0/8</c>, beside this machine.</summary>
    public IReadOnlyList<string> MetricsFrom { get; init; } = [];

    /// <summary>Lines of the log are JSON objects, for programs.</summary>
    public bool JsonLog { get; init; }

    /// <exception cref="SetupException">Something cannot be right.</exception>
    public void Check()
    {
        if (Otlp is not null && (!Otlp.IsAbsoluteUri || Otlp.Scheme is not ("http" or "https")))
            throw new SetupException($"telemetry:otlp: '{Otlp}' is not an http or https address.");
        if (MetricsFrom.FirstOrDefault(static n => !IPNetwork.TryParse(n, out _)) is { } wrong)
            throw new SetupException($"telemetry:metricsfrom: '{wrong}' is not a network, such as 10.0.0.0/8.");
    }

    internal bool MayReadMetrics(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return address is not null && (IPAddress.IsLoopback(address) || MetricsFrom.Any(n => IPNetwork.Parse(n).Contains(address)));
    }
}
