using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.Backup.Telling;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Backups;

/// <summary>
/// The backups of one command, several at a time, the stalest first. Results are written as they come; errors at the end, when metrics and watcher
/// were told, because a preference may let the first error end the command.
/// </summary>
/// <param name="request">Of one job, with the dataset's id.</param>
internal sealed class BackupBatch(
    BackupRunner runner, Func<BackupJob, long?, BackupRequest> request, BackupTelling telling, int throttleLimit, bool nothingIsAnError, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(BackupReport Report, ErrorRecord? Error)> _ended = [];

    public async Task RunAsync(IReadOnlyList<BackupJob> jobs, PipelineMessages messages, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        await telling.StartAsync(messages, cancel).ConfigureAwait(false);
        var numbered = (await StalestFirstAsync(jobs, cancel).ConfigureAwait(false)).Select(static (job, number) => (job, number));
        await Parallel.ForEachAsync(
            numbered, new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancel },
            async (item, token) => await RunAsync(item.job, item.number, messages, token).ConfigureAwait(false)).ConfigureAwait(false);

        await telling.EndAsync([.. _ended.Select(static e => e.Report)], messages, cancel).ConfigureAwait(false);
        if (jobs.Count > 1)
            messages.Information(BackupSummary.Of([.. _ended.Select(static e => e.Report)], time.GetElapsedTime(started)), nameof(BackupSummary));
        var errors = _ended.Select(static e => e.Error).OfType<ErrorRecord>().ToList();
        if (errors.Count > 0 && errors.Count < jobs.Count)
        {
            // Whichever of them a preference lets end the program, the program did a part of its work.
            foreach (var error in errors)
                error.Exception.Data[ExitCodes.Key] = ExitCodes.Partial;
            errors.Add(Errors.Describe(Errors.BackupPartial, $"{jobs.Count - errors.Count} of {jobs.Count} backups were made.", target: null));
        }
        foreach (var error in errors)
            messages.Error(error);
    }

    private async Task<IReadOnlyList<BackupJob>> StalestFirstAsync(IReadOnlyList<BackupJob> jobs, CancellationToken cancel)
    {
        if (jobs.Count < 2)
            return jobs;
        var newest = new DateTimeOffset[jobs.Count];
        await Parallel.ForAsync(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancel }, async (number, token) =>
            newest[number] = await runner.FindNewestAsync(jobs[number].Filesystem, token).ConfigureAwait(false) ?? DateTimeOffset.MinValue).ConfigureAwait(false);
        return [.. jobs.Zip(newest).OrderBy(static aged => aged.Second).Select(static aged => aged.First)];
    }

    private async Task RunAsync(BackupJob job, int number, PipelineMessages messages, CancellationToken cancel)
    {
        BackupSubject? subject = null;
        try
        {
            using var progress = new BackupBars(messages, time, $"Backing up {job.Target} into {job.Filesystem}", number);
            var datasetId = await job.FindDatasetId(cancel).ConfigureAwait(false);
            var result = await runner.RunAsync(request(job, datasetId), progress, cancel, found => subject = found).ConfigureAwait(false);
            foreach (var warning in result.Warnings)
                messages.Warning(warning);
            if (nothingIsAnError && result.Outcome != BackupOutcome.Transfer)
                throw new VpsAdminException(Errors.NothingToBackUp, result.Plan.Message, job.Target);
            End(new BackupReport(job.Filesystem, result, ErrorId: null, Error: null, ExitCodes.Ok), error: null, messages);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not PipelineStoppedException)
        {
            var error = Errors.DescribeAny(e, job.Target);
            End(BackupTelling.Failed(job, error) with { Subject = subject }, error, messages);
        }
    }

    private void End(BackupReport report, ErrorRecord? error, PipelineMessages messages)
    {
        lock (_gate)
            _ended.Add((report, error));
        telling.Tell(report, messages);
    }
}
