using System.Net;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <param name="Added">Names that the target did not have before, oldest first.</param>
internal sealed record StepResult(TransferResult Transfer, IReadOnlyList<string> Added, IReadOnlyList<string> Warnings);

/// <summary>Carries out one step: export on the server, transfer into <c>zfs receive</c>, a look at what arrived, removal of the export.</summary>
internal sealed class StepRunner(VpsAdminClient client, ZfsHost zfs, HttpClient http, TimeProvider time, BackupRequest request)
{
    /// <summary>More than the metadata of an empty filesystem, less than anybody's data.</summary>
    private const long EmptyFilesystem = 1 << 20;

    // One for all steps: they share the rate limit.
    private readonly SnapshotTransfer _transfer = new(http, request.Transfer, time);
    private readonly ExportRemoval _removal = new(client, time);

    public async Task<StepResult> RunAsync(BackupStep step, IProgress<BackupProgress>? progress, CancellationToken cancel) => step switch
    {
        FullStep full => await FullAsync(full, progress, cancel).ConfigureAwait(false),
        IncrementalStep increment => await IncrementAsync(increment, progress, cancel).ConfigureAwait(false),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private async Task<StepResult> FullAsync(FullStep step, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var exists = await zfs.ExistsAsync(step.Target, cancel).ConfigureAwait(false);
        if (exists && !request.Force)
            await DemandEmptyAsync(step.Target, cancel).ConfigureAwait(false);

        // Into an existing filesystem a full stream goes only with -F.
        return await ReceiveAsync(
            $"Receiving @{step.Snapshot.Name} in full into {step.Target}", step.Target, new ReceiveOptions(Force: exists),
            new ExportRequest(step.Snapshot.Id, FromSnapshotId: null, ExportFormat.Stream), [step.Snapshot], progress, cancel).ConfigureAwait(false);
    }

    private async Task<StepResult> IncrementAsync(IncrementalStep step, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        try
        {
            return await ReceiveAsync(
                $"Receiving @{step.Base.Name} to @{step.Snapshot.Name} into {step.Target}", step.Target, new ReceiveOptions(Force: request.Force),
                new ExportRequest(step.Snapshot.Id, step.Base.Id, ExportFormat.IncrementalStream), step.Included, progress, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (IsIncrementRefused(e))
        {
            throw new BackupConflictException(BackupOutcome.NoCommonSnapshot, Conflicts.IncrementRefused(step, e.ServerMessage ?? e.Message));
        }
        catch (TransferException e) when (IsChangedTarget(e))
        {
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.LocalChanges(step.Target, step.Base.Name), e);
        }
    }

    private async Task<StepResult> ReceiveAsync(
        string words, string target, ReceiveOptions receive, ExportRequest wanted, IReadOnlyList<RemoteSnapshot> included,
        IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        progress?.Report(new BackupProgress(words, Transfer: null));
        var transferProgress = progress is null ? null : new TransferStepProgress(words, progress);
        var before = await NamesAsync(target, cancel).ConfigureAwait(false);
        var export = await SnapshotExport.OpenAsync(client, wanted, request.Transfer, time, transferProgress, cancel).ConfigureAwait(false);
        StepResult result;
        try
        {
            TransferResult transfer;
            var sink = new DecodedSink(new ReceiveTarget(zfs, target, receive));
            await using (sink.ConfigureAwait(false))
                transfer = await _transfer.RunAsync(export, sink, transferProgress, cancel).ConfigureAwait(false);
            result = await InspectAsync(target, included, before, transfer, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var (told, error) = await _removal.AfterFailureAsync(export, e, isOfUse: false, cancel).ConfigureAwait(false);
            if (told is not null)
                progress?.Report(new BackupProgress(words, Transfer: null) { Warning = told });
            if (error is not null)
                throw error;
            throw;
        }

        var warning = request.KeepOnServer ? null : await _removal.RunAsync(export, cancel).ConfigureAwait(false);
        return warning is null ? result : result with { Warnings = [.. result.Warnings, warning] };
    }

    /// <summary>The receiver was content, and the data is committed; but was it what the server promised? What only hinders the look is a warning.</summary>
    private async Task<StepResult> InspectAsync(
        string target, IReadOnlyList<RemoteSnapshot> included, IReadOnlyList<string> before, TransferResult transfer, CancellationToken cancel)
    {
        var warnings = new List<string>();
        if (await ProtectAsync(target, cancel).ConfigureAwait(false) is { } unprotected)
            warnings.Add(unprotected);
        try
        {
            var after = await NamesAsync(target, cancel).ConfigureAwait(false);
            if (Received(target, included, after) is { } missing)
                warnings.Add(missing);
            return new StepResult(transfer, [.. after.Except(before, StringComparer.Ordinal)], warnings);
        }
        catch (ZfsException e)
        {
            warnings.Add($"What was received into '{target}' could not be listed: {e.Message}");
            return new StepResult(transfer, [.. included.Select(static s => s.Name)], warnings);
        }
    }

    /// <returns>Null, or what is not there but is no harm: the server may have lost a snapshot between its list and its stream.</returns>
    /// <exception cref="TransferException">The last one, the base of the next increment, is not there or not the last.</exception>
    internal static string? Received(string target, IReadOnlyList<RemoteSnapshot> included, IReadOnlyList<string> after)
    {
        var last = included[^1].Name;
        if (!after.Contains(last, StringComparer.Ordinal))
            throw new TransferException(TransferFailure.BadStream,
                $"The server's stream was received into '{target}', but did not bring @{last}. 'zfs list -t snapshot -d 1 {target}' shows what is there.");
        if (after[^1] != last)
            throw new TransferException(TransferFailure.BadStream,
                $"The server's stream was received into '{target}', but its newest snapshot is @{after[^1]}, not @{last}, so that the next increment has no base.");
        var missing = included.Select(static s => s.Name).Except(after, StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? null
            : $"The server's stream did not bring {string.Join(", ", missing.Select(static n => "@" + n))} into '{target}': deleted on the server, perhaps, after they had been listed.";
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string target, CancellationToken cancel) =>
        await zfs.ExistsAsync(target, cancel).ConfigureAwait(false)
            ? [.. (await zfs.ListSnapshotsAsync(target, depth: 0, cancel).ConfigureAwait(false)).Select(static s => s.Name.Name)]
            : [];

    private async Task DemandEmptyAsync(string target, CancellationToken cancel)
    {
        var filesystem = await zfs.GetFilesystemAsync(target, cancel).ConfigureAwait(false);
        if (filesystem.Referenced > EmptyFilesystem)
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.NotEmpty(target, filesystem.Referenced));
    }

    /// <summary>Local changes, were they only access times, would stand in the way of the next increment.</summary>
    private async Task<string?> ProtectAsync(string target, CancellationToken cancel)
    {
        try
        {
            await zfs.SetPropertyAsync(target, "readonly", "on", cancel).ConfigureAwait(false);
            return null;
        }
        catch (ZfsException e)
        {
            return $"'{target}' could not be made read-only ({e.Message}); changes made in it will stand in the way of the next backup.";
        }
    }

    /// <summary>Equal history ids do not promise an incremental path (BUG-30).</summary>
    internal static bool IsIncrementRefused(ActionFailedException e) =>
        !e.IsLocked
        && (e.HttpStatus == HttpStatusCode.Conflict || e.ServerMessage?.Contains("history", StringComparison.OrdinalIgnoreCase) == true);

    private static bool IsChangedTarget(TransferException e)
    {
        var zfs = e.InnerException as ZfsException ?? (e.InnerException as AggregateException)?.InnerExceptions.OfType<ZfsException>().FirstOrDefault();
        return zfs?.StandardError.Contains("has been modified", StringComparison.OrdinalIgnoreCase) == true;
    }

    private sealed class TransferStepProgress(string step, IProgress<BackupProgress> progress) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => progress.Report(new BackupProgress(step, value));
    }
}
