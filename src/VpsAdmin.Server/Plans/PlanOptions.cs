using Quartz;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Plans;

/// <summary>When the server does by itself what keeps datasets safe. Times are UTC, in Quartz's cron form with seconds first; null: never.</summary>
/// <param name="Snapshots">Snapshots of all datasets, as a group for each pool; vpsAdmin's own time is <c>0 0 1 * * ?</c>.</param>
/// <param name="Backups">Backups of all datasets to all backup pools; vpsAdmin's own time is <c>0 5 1 * * ?</c>.</param>
/// <param name="Rotation">Destruction of what has had its time.</param>
public sealed record PlanOptions(string? Snapshots = null, string? Backups = null, string? Rotation = null)
{
    /// <exception cref="SetupException">A time is none.</exception>
    public void Check()
    {
        foreach (var (name, cron) in new[] { (nameof(Snapshots), Snapshots), (nameof(Backups), Backups), (nameof(Rotation), Rotation) })
        {
            if (cron is not null && !CronExpression.TryParse(cron, out _))
                throw new SetupException($"plans:{name.ToLowerInvariant()}: '{cron}' is not a time such as '0 0 1 * * ?' (seconds, minutes, hours, day of month, month, day of week).");
        }
    }
}
