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

/// <summary>The export that a step had joined was taken off the server by whoever made it; nothing was changed here.</summary>
internal sealed class ExportTakenException(Exception inner) : Exception(inner.Message, inner);

/// <summary>Carries out a step that moves data: export on the server, transfer into <c>zfs receive</c>, a look at what arrived, removal of the export.</summary>
/// <param name="mark">What it receives is marked with.</param>
internal sealed class StepRunner(VpsAdminClient client, ZfsHost zfs, SnapshotTransfer transfers, TimeProvider time, BackupRequest request, BackupMark mark)
{
    /// <summary>For as long as zfs-fuse keeps a dataset busy after a receive was killed, and not much longer.</summary>
    private const int TriesWhileBusy = 4;

    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(1);

    private readonly ExportRemoval _removal = new(client, time);
    private readonly Spool? _spool = request.SpoolFolder is { } folder ? new Spool(folder, transfers, time) : null;
    private readonly FreePlace _places = new(zfs, mark);
    private readonly OwnExports _exports = new(client, zfs, time, request, mark);
    private (ExportRequest Wanted, SnapshotExport Export)? _probed;

    /// <summary>Asks the server for the step's export, which running the step uses: before anything is changed here, we know that there will be one.</summary>
    /// <exception cref="BaseRefusedException"/>
    public async Task ProbeAsync(BackupStep step, CancellationToken cancel)
    {
        var wanted = Wanted(step);
        try
        {
            _probed = (wanted, await _exports.OpenAsync(wanted, progress: null, cancel).ConfigureAwait(false));
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
        var words = $"Receiving @{step.Snapshot.Name} in full into {step.Target}";
        string? aside = null;
        if (await _places.IsTakenAsync(step.Target, request.Force, cancel).ConfigureAwait(false))
        {
            // Before anything is moved out of the way it is known that something comes.
            if (_probed is null)
                await ProbeAsync(step, cancel).ConfigureAwait(false);
            aside = await _places.SetAsideAsync(step.Target, step.Snapshot.Name, cancel).ConfigureAwait(false);
        }
        try
        {
            var result = await ReceiveAsync(step, words, @base: null, [step.Snapshot], progress, cancel).ConfigureAwait(false);
            return aside is null ? result : result with { Warnings = [Conflicts.KeptAs(step.Target, aside), .. result.Warnings] };
        }
        catch when (aside is not null)
        {
            if (!await _places.TryPutBackAsync(aside, step.Target).ConfigureAwait(false))
                progress?.Report(new BackupProgress(words, Transfer: null) { Warning = Conflicts.KeptAs(step.Target, aside) });
            throw;
        }
    }

    private async Task<StepResult> IncrementAsync(IncrementalStep step, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        try
        {
            return await ReceiveAsync(
                step, $"Receiving @{step.Base.Name} to @{step.Snapshot.Name} into {step.Target}", new SnapshotName(step.Target, step.Base.Name), step.Included, progress, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (IsIncrementRefused(e))
        {
            throw new BaseRefusedException(step, e.ServerMessage ?? e.Message, e);
        }
        catch (TransferException e) when (Says(e, "match incremental source"))
        {
            throw new BaseRefusedException(step, $"@{step.Base.Name} here and on the server are not the same snapshot.", e);
        }
        catch (TransferException e) when (IsModified(e))
        {
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.LocalChanges(step.Target, step.Base.Name), e);
        }
    }

    /// <param name="base">What the stream goes on top of; null: nothing is there.</param>
    private async Task<StepResult> ReceiveAsync(
        BackupStep step, string words, SnapshotName? @base, IReadOnlyList<RemoteSnapshot> included, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var wanted = Wanted(step);
        progress?.Report(new BackupProgress(words, Transfer: null));
        var transferProgress = progress is null ? null : new TransferStepProgress(words, progress);
        var before = await NamesAsync(step.Target, cancel).ConfigureAwait(false);
        var export = _probed is var (asked, found) && asked == wanted
            ? found
            : await _exports.OpenAsync(wanted, transferProgress, cancel).ConfigureAwait(false);
        _probed = null;
        StepResult result;
        try
        {
            var transfer = await MoveAsync(export, wanted, step.Target, @base, transferProgress, cancel).ConfigureAwait(false);
            result = await InspectAsync(step.Target, included, before, transfer, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever made it has come to his end with it.
            if (!export.Created && e is TransferException { Failure: TransferFailure.ExportVanished })
                throw new ExportTakenException(e);
            var (told, error) = await _removal.AfterFailureAsync(export, e, isOfUse: _spool?.Holds(wanted) == true, cancel).ConfigureAwait(false);
            if (told is not null)
                progress?.Report(new BackupProgress(words, Transfer: null) { Warning = told });
            if (error is not null)
                throw error;
            throw;
        }

        _spool?.Remove(wanted);
        // One that somebody else made is used, not taken away: he may be reading it.
        var warning = request.KeepOnServer || !_exports.IsOwn(export) ? null : await _removal.RunAsync(export, cancel).ConfigureAwait(false);
        return warning is null ? result : result with { Warnings = [.. result.Warnings, warning] };
    }

    /// <summary>
    /// A target that is busy, or not to be seen, for a moment (zfs-fuse after a killed or refused receive) is tried again. By force local changes are thrown away, but only when the receiver has found
    /// that the stream would fit without them; never by <c>receive -F</c>, for which a stream could ask for more than that.
    /// </summary>
    private async Task<TransferResult> MoveAsync(
        SnapshotExport export, ExportRequest wanted, string target, SnapshotName? @base, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var fetched = _spool is null ? null : await _spool.FetchAsync(export, wanted, progress, cancel).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var sink = new DecodedSink(new ReceiveTarget(zfs, target, new ReceiveOptions(Unmounted: !request.Mount)));
                await using (sink.ConfigureAwait(false))
                {
                    if (fetched is null)
                        return await transfers.RunAsync(export, sink, progress, cancel).ConfigureAwait(false);
                    await _spool!.ReceiveAsync(export, wanted, sink, cancel).ConfigureAwait(false);
                    return fetched;
                }
            }
            catch (TransferException e) when (attempt < TriesWhileBusy && ZfsErrorOf(e)?.Failure is ZfsFailure.Busy or ZfsFailure.NotFound)
            {
                await Task.Delay(BusyPause * attempt, time, cancel).ConfigureAwait(false);
            }
            catch (TransferException e) when (attempt < TriesWhileBusy && request.Force && @base is not null && IsModified(e))
            {
                await zfs.RollbackToNewestAsync(@base.Value, cancel).ConfigureAwait(false);
            }
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
        await TryMarkAsync(target, cancel).ConfigureAwait(false);
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

    /// <summary>At once, so that whoever comes after a crash knows whose it is. Where it fails, the end of the run tries again, and tells.</summary>
    private async Task TryMarkAsync(string target, CancellationToken cancel)
    {
        try
        {
            await zfs.SetPropertyAsync(target, BackupMark.Property, mark.ToString(), cancel).ConfigureAwait(false);
        }
        catch (ZfsException)
        {
            // Such as of a user who may not set properties of users.
        }
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

    private static bool IsModified(TransferException e) => Says(e, "has been modified");

    private static bool Says(TransferException e, string words) => ZfsErrorOf(e)?.StandardError.Contains(words, StringComparison.OrdinalIgnoreCase) == true;

    private static ZfsException? ZfsErrorOf(TransferException e) =>
        e.InnerException as ZfsException ?? (e.InnerException as AggregateException)?.InnerExceptions.OfType<ZfsException>().FirstOrDefault();

    private sealed class TransferStepProgress(string step, IProgress<BackupProgress> progress) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => progress.Report(new BackupProgress(step, value));
    }
}
