using System.Globalization;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>One run: carries the plan out, finds another way where the server refuses one, and keeps what is to be told of it.</summary>
/// <param name="ask">Reads what the server has.</param>
/// <param name="remote">What it had when the run began.</param>
internal sealed class BackupRun(
    ZfsHost zfs, LocalInventoryReader reader, Func<CancellationToken, Task<RemoteInventory>> ask, StepRunner steps, BackupRequest request, RemoteInventory remote,
    IProgress<BackupProgress>? progress)
{
    /// <summary>Whoever is overtaken so often by what others do on the server tries another day.</summary>
    private const int MostOvertaken = 5;

    private readonly Rearranging _rearranging = new(zfs, remote.Mark);
    private readonly List<StepResult> _done = [];
    private readonly List<string> _warnings = [];
    private RemoteInventory _remote = remote;
    private BackupPlan? _carriedOut;
    private int _overtaken;

    /// <summary>Does what there is to transfer.</summary>
    /// <returns>The plan that was carried out, and what is here since.</returns>
    public async Task<(BackupPlan Plan, LocalInventory Local)> TransferAsync(LocalInventory local, CancellationToken cancel)
    {
        if (request.SpoolFolder is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' for downloads does not exist.");
        var refused = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var plan = BackupRunner.Decide(request, local, _remote, refused);
            if (plan.IsConflict)
                throw new BackupConflictException(plan.Conflict!);
            try
            {
                await CarryOutAsync(plan, local, cancel).ConfigureAwait(false);
                if (steps.ClearSpool(_remote.Snapshots.Select(static s => s.Id)) is { } warning)
                    _warnings.Add(warning);
                // Where nothing was done all is as it was read: of many snapshots a listing is what takes the time.
                // What was done before something else became of the plan is what the run has done.
                return (plan.Steps.Count == 0 ? _carriedOut ?? plan : plan, plan.Steps.Count == 0 ? local : await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false));
            }
            catch (Exception e) when (e is BaseRefusedException or ExportTakenException or ActionFailedException { IsNotFound: true })
            {
                local = await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
                // Perhaps the server is not as it was when it was asked; then nothing that is here is to blame.
                if (await IsOvertakenAsync(e, plan, cancel).ConfigureAwait(false))
                    Warn(e is ExportTakenException ? $"{e.Message} Trying again." : "The server has deleted snapshots, or gone back to another, since the backup began. Beginning again with what it has.");
                else if (e is BaseRefusedException refusal)
                    Refuse(refusal, local, refused);
                else
                    throw;
            }
            catch (TransferException e) when (e.InnerException is ActionFailedException { IsLocked: true } locked)
            {
                throw new BackupConflictException(Conflicts.Locked(locked.ServerMessage ?? locked.Message), e);
            }
        }
    }

    /// <summary>Whether the export was taken away by whoever made it, or what the plan is about is not on the server any more. It is asked again for that.</summary>
    private async Task<bool> IsOvertakenAsync(Exception failure, BackupPlan plan, CancellationToken cancel)
    {
        var before = _remote.CurrentHistoryId;
        _remote = await ask(cancel).ConfigureAwait(false);
        var left = _remote.Snapshots.Select(static s => s.Id).ToHashSet();
        var wanted = plan.Steps.SelectMany(static step => step switch
        {
            FullStep full => [full.Snapshot.Id],
            IncrementalStep increment => [increment.Base.Id, increment.Snapshot.Id],
            _ => (long[])[],
        });
        if (failure is not ExportTakenException && _remote.CurrentHistoryId == before && wanted.All(left.Contains))
            return false;
        return ++_overtaken <= MostOvertaken ? true : throw (failure is ActionFailedException ? failure : failure.InnerException!);
    }

    private void Refuse(BaseRefusedException refusal, LocalInventory local, HashSet<string> refused)
    {
        var isForeign = BackupRunner.IsForeign(local, _remote);
        // What zfs has compared, and found to be something else, is another server's dataset of this number.
        if (isForeign && local.SavedDatasetId == _remote.DatasetId && refusal.InnerException is TransferException)
            throw new BackupConflictException(Conflicts.OtherServer(local, _remote), refusal.InnerException);
        // A name that is refused twice would be so for ever.
        if (isForeign || !refused.Add(refusal.Step.Base.Name))
            throw refusal.InnerException!;
        Warn($"No increment can be had from @{refusal.Step.Base.Name} to @{refusal.Step.Snapshot.Name}: {refusal.Message} Trying another way.");
    }

    /// <summary>Holds the base of the next increment, rotates, and sums up.</summary>
    public async Task<BackupResult> FinishAsync(BackupPlan plan, LocalInventory local, TimeProvider time, long started, CancellationToken cancel)
    {
        var isForeign = BackupRunner.IsForeign(local, _remote);
        // Of what is not proved to be ours nothing is touched, and all is told.
        var own = isForeign ? local : OwnHistories.Only(local, _remote);
        var rotated = new RotationResult([], []);
        if (isForeign)
            _warnings.Add(Conflicts.NotProved(local, _remote));
        else if (local.SavedDatasetId is not null)
        {
            // Only where the filesystem says itself that it is this backup, not where somebody mistyped a name.
            await MarkAsync(local, own, cancel).ConfigureAwait(false);
            own = await HoldBaseAsync(own, cancel).ConfigureAwait(false);
            // Also after nothing was transferred: age does not wait for new snapshots (BUG-18).
            if (request.Rotation is { } policy)
            {
                plan = plan with { Rotation = RotationPlanner.Plan(own, _remote.CurrentHistoryId, policy, time.GetUtcNow(), BackupPlanner.Base(own, _remote)) };
                rotated = await new RotationRunner(zfs).RunAsync(own, plan.Rotation, progress, cancel).ConfigureAwait(false);
            }
        }

        return new BackupResult(
            _remote.DatasetId, _remote.DatasetName, local.Filesystem, _remote.CurrentHistoryId, plan,
            [.. _done.SelectMany(static s => s.Added)], rotated.Destroyed, _done.Sum(static s => s.Transfer.Bytes), time.GetElapsedTime(started),
            _done.TrueForAll(static s => s.Transfer.Verified), _done.Sum(static s => s.Transfer.Retries), BackupPlanner.Base(own, _remote)?.Name,
            [.. _warnings, .. _done.SelectMany(static s => s.Warnings), .. rotated.Warnings])
        {
            TransferTime = _done.Aggregate(TimeSpan.Zero, static (sum, s) => sum + s.Transfer.Duration),
            SnapshotCount = own.Snapshots.Count - rotated.Destroyed.Count,
            NewestSnapshot = own.Snapshots.Max(static s => (DateTimeOffset?)s.Creation),
        };
    }

    /// <returns>What is this backup's since then. Rotation spares the base whether it is held or not; what is no longer held it may take.</returns>
    private async Task<LocalInventory> HoldBaseAsync(LocalInventory own, CancellationToken cancel)
    {
        var nextBase = BackupPlanner.Base(own, _remote);
        if (await new BaseHold(zfs).MoveAsync(own, nextBase, cancel).ConfigureAwait(false) is { } warning)
            _warnings.Add(warning);
        return own.Snapshots.Any(s => s.IsHeld && s != nextBase)
            ? OwnHistories.Only(await reader.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false), _remote)
            : own;
    }

    /// <summary>What was recognised as this backup's is known as such from now on, also when the server's snapshots of it have gone. The rest is told of.</summary>
    private async Task MarkAsync(LocalInventory local, LocalInventory own, CancellationToken cancel)
    {
        try
        {
            if (local.Mark != _remote.Mark)
                await SetMarkAsync(request.Filesystem, cancel).ConfigureAwait(false);
            foreach (var id in own.HistoryIds.Where(id => !local.Marks.ContainsKey(id)))
                await SetMarkAsync(HistoryDataset.Name(request.Filesystem, id), cancel).ConfigureAwait(false);
        }
        catch (ZfsException e)
        {
            // The backup is good without it, as long as the server has snapshots of it.
            _warnings.Add($"What is this backup's in '{request.Filesystem}' could not be marked as such: {e.Message}");
        }
        foreach (var id in local.HistoryIds.Except(own.HistoryIds).Where(id => local.Snapshots.Any(s => s.HistoryId == id)))
            _warnings.Add(Conflicts.NotOwn(HistoryDataset.Name(request.Filesystem, id), local.Marks.GetValueOrDefault(id), _remote));
    }

    private async Task CarryOutAsync(BackupPlan plan, LocalInventory local, CancellationToken cancel)
    {
        if (plan.Steps.Count == 0)
            return;
        // Before anything is rearranged here.
        if (plan.Steps[0] is not (FullStep or IncrementalStep))
            await steps.ProbeAsync(plan.Steps.First(static s => s is FullStep or IncrementalStep), cancel).ConfigureAwait(false);
        try
        {
            if (local.SavedDatasetId is null)
                await RememberAsync(local, isProved: false, cancel).ConfigureAwait(false);
            await RunStepsAsync(plan, local, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await steps.AbandonProbeAsync(e, cancel).ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunStepsAsync(BackupPlan plan, LocalInventory local, CancellationToken cancel)
    {
        SeedStep? seed = null;
        foreach (var step in plan.Steps)
        {
            if (step is FullStep or IncrementalStep)
            {
                await ReceiveAsync(step, seed, cancel).ConfigureAwait(false);
                _carriedOut = plan;
                // Until a stream of the other dataset has fitted in, the filesystem is what it was.
                if (_done.Count == 1 && BackupRunner.IsForeign(local, _remote))
                    await RememberAsync(local, isProved: step is IncrementalStep, cancel).ConfigureAwait(false);
                if (seed is not null)
                    await MarkSourceAsync(seed, local, cancel).ConfigureAwait(false);
                seed = null;
                continue;
            }
            progress?.Report(new BackupProgress(step.Reason, Transfer: null));
            if (await _rearranging.RunAsync(step, cancel).ConfigureAwait(false) is { } told)
                _warnings.Add(told);
            seed = step as SeedStep;
        }
    }

    /// <summary>An increment that fits on top of what was taken over from it proves whose the source is, which may have nothing left that the server knows.</summary>
    private async Task MarkSourceAsync(SeedStep seed, LocalInventory local, CancellationToken cancel)
    {
        if (HistoryDataset.HistoryId(request.Filesystem, seed.Source) is not { } id || local.Marks.ContainsKey(id))
            return;
        try
        {
            await SetMarkAsync(seed.Source, cancel).ConfigureAwait(false);
        }
        catch (ZfsException)
        {
            // The end of the run tells that it is not known whose it is, and what to do.
        }
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

    /// <param name="isProved">An increment went on top of what is here, which zfs has compared: it is the same dataset under another number or address.</param>
    private async Task RememberAsync(LocalInventory local, bool isProved, CancellationToken cancel)
    {
        // The histories first: after a crash in between, the filesystem is still foreign, and the next increment proves it again.
        foreach (var (id, mark) in isProved ? local.Marks : new Dictionary<int, string>())
        {
            if (mark == local.Mark?.ToString())
                await SetMarkAsync(HistoryDataset.Name(request.Filesystem, id), cancel).ConfigureAwait(false);
        }
        await zfs.SetPropertyAsync(request.Filesystem, BackupRunner.DatasetIdProperty, _remote.DatasetId.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
        await SetMarkAsync(request.Filesystem, cancel).ConfigureAwait(false);
    }

    private Task SetMarkAsync(string filesystem, CancellationToken cancel) => zfs.SetPropertyAsync(filesystem, BackupMark.Property, _remote.Mark.ToString(), cancel);
}
