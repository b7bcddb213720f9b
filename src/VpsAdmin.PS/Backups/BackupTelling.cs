using System.Management.Automation;
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

    /// <summary>None of them could begin, all for the same reason.</summary>
    public async Task FailAllAsync(IReadOnlyList<BackupJob> jobs, ErrorRecord error, PipelineMessages messages, CancellationToken cancel)
    {
        var reports = jobs.Select(job => Failed(job, error)).ToList();
        foreach (var report in reports)
            Tell(report, messages);
        await EndAsync(reports, messages, cancel).ConfigureAwait(false);
    }

    public static BackupReport Failed(BackupJob job, ErrorRecord error)
    {
        // The record's own id; the command's name is not in it before it is written.
        var id = error.FullyQualifiedErrorId.Split(',')[0];
        return new BackupReport(job.Filesystem, Result: null, id, error.ErrorDetails?.Message ?? error.Exception.Message, ExitCodes.Of(id));
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
