using System.Diagnostics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace VpsAdmin.Server.Hosting.Telemetry;

/// <summary>Metrics for whoever asks from a trusted network, and traces for a collector, by OpenTelemetry.</summary>
internal static class TelemetryHosting
{
    /// <summary>Of the meters and of the source of activities.</summary>
    public const string Name = "VpsAdmin.Server";

    private const string MetricsPath = "/metrics";
    private const string PathTag = "url.path";

    public static void AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddSingleton<WorkMeter>();
        services.AddSingleton<DownloadMeter>();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(static resource => resource.AddService("vpsadmin-server"));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel");
            metrics.AddPrometheusExporter(static exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0);
            if (options.Otlp is { } collector)
                metrics.AddOtlpExporter(exporter => Send(exporter, collector, "metrics"));
        });
        if (options.Otlp is { } traces)
        {
            telemetry.WithTracing(tracing => tracing.AddSource(Name)
                .AddAspNetCoreInstrumentation(static http => http.EnrichWithHttpResponse = static (span, reply) => HidePath(span, reply.HttpContext))
                .AddOtlpExporter(exporter => Send(exporter, traces, "traces")));
        }
    }

    /// <summary>To be called before anything answers requests.</summary>
    public static void UseTelemetry(this WebApplication app, TelemetryOptions options)
    {
        // Its instruments are read by whoever listens; somebody has to make them.
        app.Services.GetRequiredService<WorkMeter>();
        var downloads = app.Services.GetRequiredService<DownloadMeter>();

        app.Use(async (http, next) =>
        {
            if (http.Request.Path == MetricsPath && !options.MayReadMetrics(http.Connection.RemoteIpAddress))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            if (http.Request.Path.StartsWithSegments("/download"))
                downloads.Watch(http);
            await next(http).ConfigureAwait(false);
        });
        app.MapPrometheusScrapingEndpoint(MetricsPath);
    }

    /// <summary>The address of a download is the key to it: what a collector gets is the route.</summary>
    private static void HidePath(Activity span, HttpContext http) => span.SetTag(PathTag, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "");

    private static void Send(OtlpExporterOptions exporter, Uri collector, string signal)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/v1/{signal}");
    }
}
