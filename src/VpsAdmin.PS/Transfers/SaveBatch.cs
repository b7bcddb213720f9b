using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.PS.Transfers;

/// <param name="Overwrite">Replace files, parts, and downloads of another kind that are in the way.</param>
internal sealed record SaveManners(bool Overwrite, bool Resume, bool KeepOnServer, int ThrottleLimit);

/// <summary>Saves snapshots as files, several at a time. Each has a bar of its own; what fails is an error about that one.</summary>
/// <param name="stopping">Somebody waits for the command to be gone.</param>
internal sealed class SaveBatch(VpsAdminConnection connection, TransferOptions options, SaveManners manners, TimeProvider time, CancellationToken stopping)
{
    public Task RunAsync(IReadOnlyList<SaveJob> jobs, PipelineMessages messages, CancellationToken cancel) => Parallel.ForEachAsync(
        jobs.Index(), new ParallelOptions { MaxDegreeOfParallelism = manners.ThrottleLimit, CancellationToken = cancel },
        async (job, token) => await RunAsync(job.Item, job.Index + 1, messages, token).ConfigureAwait(false));

    private async Task RunAsync(SaveJob job, int bar, PipelineMessages messages, CancellationToken cancel)
    {
        try
        {
            messages.Object(await SaveAsync(job, bar, messages, cancel).ConfigureAwait(false));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && Errors.TryDescribe(e, job.Target) is { } error)
        {
            messages.Error(error);
        }
    }

    private async Task<SavedSnapshot> SaveAsync(SaveJob job, int bar, PipelineMessages messages, CancellationToken cancel)
    {
        var unfinished = job.Destination.FindUnfinished(job.Request);
        var request = RequestFor(job.Request, unfinished) with { ReplaceOther = manners.Overwrite };
        var file = "";
        var fetched = await new SnapshotFetch(connection, request, options, manners.KeepOnServer, messages, time, stopping, bar).RunAsync($"Saving {job.Name}", export =>
        {
            file = request.DownloadId is null ? job.Destination.FileFor(export.Download.FileName) : unfinished!.Path;
            return new FileSink(file, manners.Overwrite, manners.Resume, job.Request);
        }, hasPart: () => UnfinishedTransfer.TryRead(file) is not null, cancel).ConfigureAwait(false);
        var result = fetched.Result;
        if (result.Repaired > 0)
            messages.Verbose($"{Display.Bytes(result.Repaired)} of {file} that an earlier run had brought were damaged and fetched again.");
        var rate = (result.Bytes - result.ResumedFrom) / Math.Max(result.Duration.TotalSeconds, 0.001);
        return new SavedSnapshot(
            new FileInfo(file), request.SnapshotId, request.FromSnapshotId, request.Format.ToString(), result.Bytes, result.Sha256, result.Verified, rate,
            result.ResumedFrom, result.Duration, result.Retries);
    }

    /// <summary>Before anything is made on the server, which would be forgotten there (BUG-24, BUG-25).</summary>
    private ExportRequest RequestFor(ExportRequest request, UnfinishedTransfer? unfinished)
    {
        if (unfinished is null || manners.Overwrite)
            return request;
        if (!unfinished.IsOf(request))
            throw new VpsAdminException(Errors.TargetConflict,
                $"'{unfinished}' is of snapshot {unfinished.SnapshotId} as {unfinished.Format}, not of snapshot {request.SnapshotId} as {request.Format}. It is kept.", unfinished);
        if (!manners.Resume)
            throw new VpsAdminException(Errors.TargetExists, $"'{unfinished}' of an interrupted run is there.", unfinished);
        return request with { DownloadId = unfinished.DownloadId };
    }
}
