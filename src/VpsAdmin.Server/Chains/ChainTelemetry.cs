using System.Diagnostics;
using System.Diagnostics.Metrics;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting.Telemetry;

namespace VpsAdmin.Server.Chains;

/// <summary>How long transactions took, as a span and a measurement for each.</summary>
internal static class ChainTelemetry
{
    private static readonly ActivitySource Source = new(TelemetryHosting.Name);
    private static readonly Meter Meter = new(TelemetryHosting.Name);
    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("vpsadmin.transaction.duration", "s", "From handing a transaction to its node until the node told how it ended");

    /// <param name="before">State of the transaction before its chain moved.</param>
    public static void Moved(Transaction transaction, StepState before)
    {
        if (before is not StepState.Running || transaction is not { State: StepState.Done or StepState.Failed, StartedAt: { } start, FinishedAt: { } end })
            return;
        var success = transaction.State is StepState.Done;
        Duration.Record((end - start).TotalSeconds, new("type", transaction.Type.ToString()), new KeyValuePair<string, object?>("success", success));
        using var span = Source.StartActivity($"transaction {transaction.Type}", ActivityKind.Producer, default(ActivityContext), startTime: start);
        span?.SetTag("vpsadmin.chain", transaction.ChainId).SetTag("vpsadmin.transaction", transaction.Id).SetTag("vpsadmin.queue", transaction.Queue);
        if (!success)
            span?.SetStatus(ActivityStatusCode.Error);
        span?.SetEndTime(end.UtcDateTime);
    }
}
