using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting.Telemetry;

/// <summary>How much there is to do, read from the database when somebody asks.</summary>
internal sealed class WorkMeter
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<WorkMeter> _log;

    public WorkMeter(IServiceScopeFactory scopes, IMeterFactory meters, ILogger<WorkMeter> log)
    {
        (_scopes, _log) = (scopes, log);
        var meter = meters.Create(TelemetryHosting.Name);
        meter.CreateObservableGauge("vpsadmin.chains", () => Read(Chains), description: "Transaction chains by state");
        meter.CreateObservableGauge("vpsadmin.transactions", () => Read(Transactions), description: "Transactions of chains that have not ended, by queue and state");
    }

    private static List<Measurement<long>> Chains(VpsAdminDb db) =>
    [
        .. db.TransactionChains.GroupBy(static c => c.State).Select(static g => new { g.Key, Count = g.LongCount() }).AsEnumerable()
            .Select(static g => new Measurement<long>(g.Count, new KeyValuePair<string, object?>("state", Lower(g.Key)))),
    ];

    private static List<Measurement<long>> Transactions(VpsAdminDb db) =>
    [
        .. db.Transactions.Where(static t => t.Chain.State == ChainState.Queued || t.Chain.State == ChainState.Rollbacking)
            .GroupBy(static t => new { t.Queue, t.State }).Select(static g => new { g.Key.Queue, g.Key.State, Count = g.LongCount() }).AsEnumerable()
            .Select(static g => new Measurement<long>(g.Count, new("queue", g.Queue), new KeyValuePair<string, object?>("state", Lower(g.State)))),
    ];

    /// <summary>Nothing when the database cannot be read: the other numbers are the more wanted then.</summary>
    private List<Measurement<long>> Read(Func<VpsAdminDb, List<Measurement<long>>> read)
    {
        try
        {
            using var scope = _scopes.CreateScope();
            return read(scope.ServiceProvider.GetRequiredService<VpsAdminDb>());
        }
        catch (Exception e) when (e is System.Data.Common.DbException or ObjectDisposedException)
        {
            _log.LogWarning("How much there is to do cannot be read: {Reason}", e.Message);
            return [];
        }
    }

    private static string Lower<T>(T state) where T : struct, Enum => state.ToString().ToLowerInvariant();
}
