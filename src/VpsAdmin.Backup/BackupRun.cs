using System.Globalization;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>One run: carries the plan out, finds another way where the server refuses one, and keeps what is to be told of it.</summary>
internal sealed class BackupRun(
    ZfsHost zfs, LocalInventoryReader reader, StepRunner steps, BackupRequest request, RemoteInventory remote, IProgress<BackupProgress>? progress)
{
    private readonly Rearranging _rearranging = new(zfs);
    private readonly List<StepResult> _done = [];
    private readonly List<string> _warnings = [];

    /// <summary>Does what there is to transfer.</summary>
    /// <returns>The plan that was carried out, and what is here since.</returns>
    public async Task<(BackupPlan Plan, LocalInventory Local)> TransferAsync(LocalInventory local, CancellationToken cancel)
    {
        if (request.SpoolFolder is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' for downloads does not exist.");
        var refused = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var plan = BackupRunner.Decide(request, local, remote, refused);
            if (plan.IsConflict)
                throw new BackupConflictException(plan.Conflict!);
            try
            {
                await CarryOutAsync(plan, local, cancel).ConfigureAwait(false);
                if (steps.ClearSpool(remote.Snapshots.Select(static s => s.Id)) is { } warning)
                    _warnings.Add(warning);
                // Where nothing was done all is as it was read: of many snapshots a listing is what takes the time.
                return (plan, plan.Steps.Count == 0 ? local : await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false));
            }
            catch (BaseRefusedException e)
            {
                // A name that is refused twice would be so for ever.
                var isForeign = local.SavedDatasetId is { } saved && saved != remote.DatasetId;
                if (isForeign || !refused.Add(e.Step.Base.Name))
                    throw e.InnerException!;
                Warn($"No increment can be had from @{e.Step.Base.Name} to @{e.Step.Snapshot.Name}: {e.Message} Trying another way.");
            }
            catch (TransferException e) when (e.InnerException is ActionFailedException { IsLocked: true } locked)
            {
                throw new BackupConflictException(Conflicts.Locked(locked.ServerMessage ?? locked.Message), e);
            }
            local = await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Holds the base of the next increment, rotates, and sums up.</summary>
    public async Task<BackupResult> FinishAsync(BackupPlan plan, LocalInventory local, TimeProvider time, long started, CancellationToken cancel)
    {
        var rotated = new RotationResult([], []);
        // Rotation destroys: only where the filesystem says itself that it is this backup, not where somebody mistyped a name.
        if (local.SavedDatasetId == remote.DatasetId)
        {
            var nextBase = BackupPlanner.Base(local, remote);
            if (await new BaseHold(zfs).MoveAsync(local, nextBase, cancel).ConfigureAwait(false) is { } warning)
                _warnings.Add(warning);
            // Rotation spares the base whether it is held or not; what is no longer held it may take.
            if (local.Snapshots.Any(s => s.IsHeld && s != nextBase))
                local = await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
            // Also after nothing was transferred: age does not wait for new snapshots (BUG-18).
            if (request.Rotation is { } policy)
            {
                plan = plan with { Rotation = RotationPlanner.Plan(local, remote.CurrentHistoryId, policy, time.GetUtcNow(), BackupPlanner.Base(local, remote)) };
                rotated = await new RotationRunner(zfs).RunAsync(local, plan.Rotation, progress, cancel).ConfigureAwait(false);
            }
        }

        return new BackupResult(
            remote.DatasetId, remote.DatasetName, local.Filesystem, remote.CurrentHistoryId, plan,
            [.. _done.SelectMany(static s => s.Added)], rotated.Destroyed, _done.Sum(static s => s.Transfer.Bytes), time.GetElapsedTime(started),
            _done.TrueForAll(static s => s.Transfer.Verified), _done.Sum(static s => s.Transfer.Retries), BackupPlanner.Base(local, remote)?.Name,
            [.. _warnings, .. _done.SelectMany(static s => s.Warnings), .. rotated.Warnings])
        {
            TransferTime = _done.Aggregate(TimeSpan.Zero, static (sum, s) => sum + s.Transfer.Duration),
            SnapshotCount = local.Snapshots.Count - rotated.Destroyed.Count,
            NewestSnapshot = local.Snapshots.Max(static s => (DateTimeOffset?)s.Creation),
        };
    }

    private async Task CarryOutAsync(BackupPlan plan, LocalInventory local, CancellationToken cancel)
    {
        if (plan.Steps.Count == 0)
            return;
        // Before anything is rearranged here.
        if (plan.Steps[0] is not (FullStep or IncrementalStep))
            await steps.ProbeAsync(plan.Steps.First(static s => s is FullStep or IncrementalStep), cancel).ConfigureAwait(false);
        if (local.SavedDatasetId is null)
            await RememberAsync(cancel).ConfigureAwait(false);
        SeedStep? seed = null;
        foreach (var step in plan.Steps)
        {
            if (step is FullStep or IncrementalStep)
            {
                await ReceiveAsync(step, seed, cancel).ConfigureAwait(false);
                // Until a stream of the other dataset has fitted in, the filesystem is what it was.
                if (_done.Count == 1 && local.SavedDatasetId is { } saved && saved != remote.DatasetId)
                    await RememberAsync(cancel).ConfigureAwait(false);
                seed = null;
                continue;
            }
            await RearrangeAsync(step, cancel).ConfigureAwait(false);
            seed = step as SeedStep;
        }
    }

    private async Task RearrangeAsync(BackupStep step, CancellationToken cancel)
    {
        progress?.Report(new BackupProgress(step.Reason, Transfer: null));
        try
        {
            await _rearranging.RunAsync(step, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await steps.AbandonProbeAsync(e, cancel).ConfigureAwait(false);
            throw;
        }
        if (step is AsideStep)
            _warnings.Add(step.Reason);
    }

    private async Task ReceiveAsync(BackupStep step, SeedStep? seed, CancellationToken cancel)
    {
        try
        {
            _done.Add(await steps.RunAsync(step, progress, cancel).ConfigureAwait(false));
        }
        catch (BaseRefusedException) when (seed is not null)
        {
            await _rearranging.UndoAsync(seed, cancel).ConfigureAwait(false);
            throw;
        }
    }

    private void Warn(string words)
    {
        _warnings.Add(words);
        progress?.Report(new BackupProgress(words, Transfer: null));
    }

    private Task RememberAsync(CancellationToken cancel) =>
        zfs.SetPropertyAsync(request.Filesystem, BackupRunner.DatasetIdProperty, remote.DatasetId.ToString(CultureInfo.InvariantCulture), cancel);
}
