using VpsAdmin.Backup.Telling;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Backups;

/// <summary>Whom a backup tells how it went. Nobody who cannot be told makes it fail: that is a warning.</summary>
/// <param name="metricsPath">Null: no metrics.</param>
/// <param name="ping">Null: no watcher.</param>
internal sealed class BackupTelling(bool asJson, string? metricsPath, BackupPing? ping, TimeProvider time)
{
    public async Task StartAsync(PipelineMessages messages, CancellationToken cancel)
    {
        if (ping is not null)
            Warn(await ping.StartAsync(cancel).ConfigureAwait(false), messages);
    }

    public void Tell(BackupReport report, PipelineMessages messages)
    {
        if (asJson)
            messages.Object(report.ToJson());
        else if (report.Result is { } result)
            messages.Object(result);
    }

    public async Task EndAsync(IReadOnlyList<BackupReport> reports, PipelineMessages messages, CancellationToken cancel)
    {
        if (metricsPath is not null)
            Warn(WriteMetrics(metricsPath, reports), messages);
        if (ping is not null)
            Warn(await ping.EndAsync(reports, cancel).ConfigureAwait(false), messages);
    }

    private string? WriteMetrics(string path, IReadOnlyList<BackupReport> reports)
    {
        try
        {
            BackupMetrics.Write(path, reports, time.GetUtcNow());
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The metrics could not be written: {e.Message}";
        }
    }

    private static void Warn(string? warning, PipelineMessages messages)
    {
        if (warning is not null)
            messages.Warning(warning);
    }
}
