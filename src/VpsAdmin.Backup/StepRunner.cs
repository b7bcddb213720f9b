using System.Globalization;
using System.Net;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <param name="Added">Names that the target did not have before, oldest first.</param>
internal sealed record StepResult(TransferResult Transfer, IReadOnlyList<string> Added, IReadOnlyList<string> Warnings);

/// <summary>No increment can be had from the base of the step; nothing was changed here.</summary>
internal sealed class BaseRefusedException(IncrementalStep step, string reason, Exception inner) : Exception(reason, inner)
{
    public IncrementalStep Step { get; } = step;
}

/// <summary>Carries out a step that moves data: export on the server, transfer into <c>zfs receive</c>, a look at what arrived, removal of the export.</summary>
internal sealed class StepRunner(VpsAdminClient client, ZfsHost zfs, SnapshotTransfer transfers, TimeProvider time, BackupRequest request)
{
    /// <summary>More than the metadata of an empty filesystem, less than anybody's data.</summary>
    private const long EmptyFilesystem = 1 << 20;

    /// <summary>For as long as zfs-fuse keeps a dataset busy after a receive was killed, and not much longer.</summary>
    private const int TriesWhileBusy = 4;

    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(1);

    private readonly ExportRemoval _removal = new(client, time);
    private readonly Spool? _spool = request.SpoolFolder is { } folder ? new Spool(folder, transfers, time) : null;
    private (ExportRequest Wanted, SnapshotExport Export)? _probed;

    /// <summary>Asks the server for the step's export, which running the step uses: before anything is changed here, we know that there will be one.</summary>
    /// <exception cref="BaseRefusedException"/>
    public async Task ProbeAsync(BackupStep step, CancellationToken cancel)
    {
        var wanted = Wanted(step);
        try
        {
            _probed = (wanted, await OpenAsync(wanted, progress: null, cancel).ConfigureAwait(false));
        }
        catch (ActionFailedException e) when (step is IncrementalStep increment && IsIncrementRefused(e))
        {
            throw new BaseRefusedException(increment, e.ServerMessage ?? e.Message, e);
        }
    }

    /// <summary>The step that was asked for will not be run.</summary>
    public async Task AbandonProbeAsync(Exception reason, CancellationToken cancel)
    {
        if (_probed is not var (_, export))
            return;
        _probed = null;
        await _removal.AfterFailureAsync(export, reason, isOfUse: false, cancel).ConfigureAwait(false);
    }

    /// <summary>All that these snapshots are wanted for is here: what is left of them in the spool is of no use any more.</summary>
    /// <returns>A warning; null when all is well.</returns>
    public string? ClearSpool(IEnumerable<long> snapshotIds) => _spool?.RemoveAbandoned(snapshotIds.ToHashSet());

    /// <exception cref="BaseRefusedException"/>
    public async Task<StepResult> RunAsync(BackupStep step, IProgress<BackupProgress>? progress, CancellationToken cancel) => step switch
    {
        FullStep full => await FullAsync(full, progress, cancel).ConfigureAwait(false),
        IncrementalStep increment => await IncrementAsync(increment, progress, cancel).ConfigureAwait(false),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private async Task<StepResult> FullAsync(FullStep step, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var exists = await zfs.ExistsAsync(step.Target, cancel).ConfigureAwait(false) && !await ClearAsync(step.Target, cancel).ConfigureAwait(false);
        if (exists && !request.Force)
            await DemandEmptyAsync(step.Target, cancel).ConfigureAwait(false);

        // Into an existing filesystem a full stream goes only with -F.
        return await ReceiveAsync(
            step, $"Receiving @{step.Snapshot.Name} in full into {step.Target}", new ReceiveOptions(Unmounted: !request.Mount, Force: exists),
            [step.Snapshot], progress, cancel).ConfigureAwait(false);
    }

    private async Task<StepResult> IncrementAsync(IncrementalStep step, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        try
        {
            return await ReceiveAsync(
                step, $"Receiving @{step.Base.Name} to @{step.Snapshot.Name} into {step.Target}", new ReceiveOptions(Unmounted: !request.Mount, Force: request.Force),
                step.Included, progress, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (IsIncrementRefused(e))
        {
            throw new BaseRefusedException(step, e.ServerMessage ?? e.Message, e);
        }
        catch (TransferException e) when (Says(e, "match incremental source"))
        {
            throw new BaseRefusedException(step, $"@{step.Base.Name} here and on the server are not the same snapshot.", e);
        }
        catch (TransferException e) when (Says(e, "has been modified"))
        {
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.LocalChanges(step.Target, step.Base.Name), e);
        }
    }

    private async Task<StepResult> ReceiveAsync(
        BackupStep step, string words, ReceiveOptions receive, IReadOnlyList<RemoteSnapshot> included, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var wanted = Wanted(step);
        progress?.Report(new BackupProgress(words, Transfer: null));
        var transferProgress = progress is null ? null : new TransferStepProgress(words, progress);
        var before = await NamesAsync(step.Target, cancel).ConfigureAwait(false);
        var export = _probed is var (asked, found) && asked == wanted
            ? found
            : await OpenAsync(wanted, transferProgress, cancel).ConfigureAwait(false);
        _probed = null;
        StepResult result;
        try
        {
            var transfer = await MoveAsync(export, wanted, step.Target, receive, transferProgress, cancel).ConfigureAwait(false);
            result = await InspectAsync(step.Target, included, before, transfer, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var (told, error) = await _removal.AfterFailureAsync(export, e, isOfUse: _spool?.Holds(wanted) == true, cancel).ConfigureAwait(false);
            if (told is not null)
                progress?.Report(new BackupProgress(words, Transfer: null) { Warning = told });
            if (error is not null)
                throw error;
            throw;
        }

        _spool?.Remove(wanted);
        var warning = request.KeepOnServer ? null : await _removal.RunAsync(export, cancel).ConfigureAwait(false);
        return warning is null ? result : result with { Warnings = [.. result.Warnings, warning] };
    }

    /// <summary>A target that is busy for a moment (zfs-fuse after a killed receive) is tried again.</summary>
    private async Task<TransferResult> MoveAsync(
        SnapshotExport export, ExportRequest wanted, string target, ReceiveOptions receive, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var fetched = _spool is null ? null : await _spool.FetchAsync(export, wanted, progress, cancel).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var sink = new DecodedSink(new ReceiveTarget(zfs, target, receive));
                await using (sink.ConfigureAwait(false))
                {
                    if (fetched is null)
                        return await transfers.RunAsync(export, sink, progress, cancel).ConfigureAwait(false);
                    await _spool!.ReceiveAsync(export, wanted, sink, cancel).ConfigureAwait(false);
                    return fetched;
                }
            }
            catch (TransferException e) when (attempt < TriesWhileBusy && ZfsErrorOf(e)?.Failure == ZfsFailure.Busy)
            {
                await Task.Delay(BusyPause * attempt, time, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// A run that was killed leaves its export on the server, and perhaps some of its snapshots here: then the next one has another base, and that
    /// export, the only one that the server keeps of the snapshot, is in its way. The filesystem remembers which it was.
    /// </summary>
    private async Task<SnapshotExport> OpenAsync(ExportRequest wanted, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var made = await zfs.GetLocalPropertyAsync(request.Filesystem, BackupRunner.DownloadIdProperty, cancel).ConfigureAwait(false);
        var own = long.TryParse(made, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (long?)null;
        var export = await SnapshotExport.OpenAsync(client, wanted with { ReplaceId = own }, request.Transfer, time, progress, cancel).ConfigureAwait(false);
        if (export.Created)
            await RememberAsync(export, cancel).ConfigureAwait(false);
        return export;
    }

    private async Task RememberAsync(SnapshotExport export, CancellationToken cancel)
    {
        try
        {
            await zfs.SetPropertyAsync(request.Filesystem, BackupRunner.DownloadIdProperty, export.Id.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (e is ZfsException)
                return; // Only a run after one that is killed would miss it.
            await _removal.AfterFailureAsync(export, e, isOfUse: false, cancel).ConfigureAwait(false);
            throw;
        }
    }

    private static ExportRequest Wanted(BackupStep step) => step switch
    {
        FullStep full => new ExportRequest(full.Snapshot.Id, FromSnapshotId: null, ExportFormat.Stream),
        IncrementalStep increment => new ExportRequest(increment.Snapshot.Id, increment.Base.Id, ExportFormat.IncrementalStream),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    /// <summary>The receiver was content, and the data is committed; but was it what the server promised? What only hinders the look is a warning.</summary>
    private async Task<StepResult> InspectAsync(
        string target, IReadOnlyList<RemoteSnapshot> included, IReadOnlyList<string> before, TransferResult transfer, CancellationToken cancel)
    {
        var warnings = new List<string>();
        if (await ProtectAsync(target, isNew: before.Count == 0, cancel).ConfigureAwait(false) is { } unprotected)
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

    /// <summary>A clone without snapshots is what a crash while seeding has left: it has nothing of its own.</summary>
    private async Task<bool> ClearAsync(string target, CancellationToken cancel)
    {
        var filesystem = await zfs.GetFilesystemAsync(target, cancel).ConfigureAwait(false);
        if (filesystem.Origin is null || !filesystem.IsReadOnly)
            return false;
        await zfs.DestroyAsync(target, cancel).ConfigureAwait(false);
        return true;
    }

    private async Task DemandEmptyAsync(string target, CancellationToken cancel)
    {
        var filesystem = await zfs.GetFilesystemAsync(target, cancel).ConfigureAwait(false);
        if (filesystem.Referenced > EmptyFilesystem)
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.NotEmpty(target, filesystem.Referenced));
    }

    /// <summary>Local changes, were they only access times, would stand in the way of the next increment.</summary>
    private async Task<string?> ProtectAsync(string target, bool isNew, CancellationToken cancel)
    {
        try
        {
            await zfs.SetPropertyAsync(target, "readonly", "on", cancel).ConfigureAwait(false);
            // Not at the next boot either; but what somebody has made of it since is his.
            if (isNew && !request.Mount)
                await zfs.SetPropertyAsync(target, "canmount", "noauto", cancel).ConfigureAwait(false);
            return null;
        }
        catch (ZfsException e)
        {
            return $"'{target}' could not be made read-only ({e.Message}); changes made in it will stand in the way of the next backup.";
        }
    }

    /// <summary>Equal history ids do not promise an incremental path (BUG-30), and a base may be gone since it was listed.</summary>
    internal static bool IsIncrementRefused(ActionFailedException e) =>
        !e.IsLocked
        && (e.HttpStatus == HttpStatusCode.Conflict || e.IsNotFound || e.ServerMessage?.Contains("history", StringComparison.OrdinalIgnoreCase) == true);

    private static bool Says(TransferException e, string words) => ZfsErrorOf(e)?.StandardError.Contains(words, StringComparison.OrdinalIgnoreCase) == true;

    private static ZfsException? ZfsErrorOf(TransferException e) =>
        e.InnerException as ZfsException ?? (e.InnerException as AggregateException)?.InnerExceptions.OfType<ZfsException>().FirstOrDefault();

    private sealed class TransferStepProgress(string step, IProgress<BackupProgress> progress) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => progress.Report(new BackupProgress(step, value));
    }
}
