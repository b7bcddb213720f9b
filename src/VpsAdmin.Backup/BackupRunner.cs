using System.Globalization;
using VpsAdmin.Client;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <param name="DatasetId">Null: the id saved in the filesystem's property.</param>
/// <param name="Filesystem">Local filesystem that exists; history datasets are made below it.</param>
/// <param name="Rotation">Null: no rotation.</param>
/// <param name="KeepOnServer">Leave the server's files.</param>
/// <param name="Force">Change the saved dataset id; roll back local changes on the target.</param>
public sealed record BackupRequest(
    long? DatasetId, string Filesystem, BackupPlanOptions Plan, RotationPolicy? Rotation, TransferOptions Transfer, bool KeepOnServer = false, bool Force = false);

/// <param name="Step">What is being done, in words.</param>
/// <param name="Transfer">Null outside transfers.</param>
public sealed record BackupProgress(string Step, TransferProgress? Transfer)
{
    /// <summary>Something to be told although the backup fails for another reason; those of a backup that succeeds are in its result.</summary>
    public string? Warning { get; init; }
}

/// <param name="SnapshotsAdded">Names, oldest first.</param>
/// <param name="SnapshotsDestroyed">Full local names, oldest first.</param>
/// <param name="Bytes">Downloaded, compressed.</param>
/// <param name="Verified">The server's SHA-256 of every transfer was compared and equal; also when there was none.</param>
/// <param name="NextBase">Newest local snapshot of the current history; null when there is none.</param>
public sealed record BackupResult(
    long DatasetId, string DatasetName, string Filesystem, int HistoryId, BackupPlan Plan, IReadOnlyList<string> SnapshotsAdded,
    IReadOnlyList<string> SnapshotsDestroyed, long Bytes, TimeSpan Duration, bool Verified, int Retries, string? NextBase, IReadOnlyList<string> Warnings);

/// <summary>The filesystem's property and the request disagree, or neither names a dataset, or the plan is a conflict.</summary>
public sealed class BackupConflictException(BackupOutcome? outcome, string message) : Exception(message)
{
    /// <summary>Null: no dataset id was given or saved.</summary>
    public BackupOutcome? Outcome { get; } = outcome;
}

/// <summary>Inventory, plan, run, rotate.</summary>
public sealed class BackupRunner(VpsAdminClient client, ZfsHost zfs, HttpClient http, TimeProvider time)
{
    /// <summary>The user property on the filesystem that names the remote dataset; the original client's.</summary>
    public const string DatasetIdProperty = "cz.vpsfree.vpsadmin:dataset_id";

    private readonly LocalInventoryReader _local = new(zfs);
    private readonly RemoteInventoryReader _remote = new(client);

    /// <summary>Reads both sides and decides; changes nothing.</summary>
    /// <exception cref="BackupConflictException">No dataset id.</exception>
    public async Task<BackupPlan> PlanAsync(BackupRequest request, CancellationToken cancel)
    {
        var (local, remote) = await ReadAsync(request, cancel).ConfigureAwait(false);
        var plan = Decide(request, local, remote);
        return request.Rotation is null || plan.IsConflict || (plan.Steps.Count == 0 && !IsBackupOf(local, remote))
            ? plan
            : plan with { Rotation = RotationPlanner.Plan(After(local, remote, plan), remote.CurrentHistoryId, request.Rotation, time.GetUtcNow()) };
    }

    /// <exception cref="BackupConflictException">The plan is a conflict, or another run is backing up into the filesystem.</exception>
    /// <exception cref="TransferException"/>
    /// <exception cref="ZfsException"/>
    /// <exception cref="VpsAdmin.HaveApi.HaveApiException"/>
    public async Task<BackupResult> RunAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        using var alone = FilesystemLock.Take(request.Filesystem);
        progress?.Report(new BackupProgress("Comparing snapshots", Transfer: null));
        var (local, remote) = await ReadAsync(request, cancel).ConfigureAwait(false);
        var plan = Decide(request, local, remote);
        if (plan.IsConflict)
            throw new BackupConflictException(plan.Outcome, plan.Message);

        if (plan.Steps.Count > 0 && local.SavedDatasetId is null)
            await RememberAsync(local, remote, cancel).ConfigureAwait(false);
        var runner = new StepRunner(client, zfs, http, time, request);
        var steps = new List<StepResult>();
        foreach (var step in plan.Steps)
        {
            steps.Add(await runner.RunAsync(step, progress, cancel).ConfigureAwait(false));
            // Until a stream of the other dataset has fitted in, the filesystem is what it was.
            if (steps.Count == 1 && local.SavedDatasetId is { } saved && saved != remote.DatasetId)
                await RememberAsync(local, remote, cancel).ConfigureAwait(false);
        }

        // Also after nothing was transferred: age does not wait for new snapshots (BUG-18).
        local = await _local.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
        RotationPlan? rotation = null;
        var rotated = new RotationResult([], []);
        if (request.Rotation is not null && IsBackupOf(local, remote))
        {
            rotation = RotationPlanner.Plan(local, remote.CurrentHistoryId, request.Rotation, time.GetUtcNow());
            rotated = await new RotationRunner(zfs).RunAsync(local, rotation, progress, cancel).ConfigureAwait(false);
        }

        return new BackupResult(
            remote.DatasetId, remote.DatasetName, local.Filesystem, remote.CurrentHistoryId, plan with { Rotation = rotation },
            [.. steps.SelectMany(static s => s.Added)], rotated.Destroyed, steps.Sum(static s => s.Transfer.Bytes), time.GetElapsedTime(started),
            steps.TrueForAll(static s => s.Transfer.Verified), steps.Sum(static s => s.Transfer.Retries),
            local.Snapshots.LastOrDefault(s => s.HistoryId == remote.CurrentHistoryId)?.Name,
            [.. steps.SelectMany(static s => s.Warnings), .. rotated.Warnings]);
    }

    private async Task<(LocalInventory Local, RemoteInventory Remote)> ReadAsync(BackupRequest request, CancellationToken cancel)
    {
        var local = await _local.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
        var id = request.DatasetId ?? local.SavedDatasetId ?? throw new BackupConflictException(outcome: null,
            $"No dataset was named, and '{request.Filesystem}' does not remember one: its property {DatasetIdProperty} is not set.");
        return (local, await _remote.ReadAsync(id, cancel).ConfigureAwait(false));
    }

    private Task RememberAsync(LocalInventory local, RemoteInventory remote, CancellationToken cancel) =>
        zfs.SetPropertyAsync(local.Filesystem, DatasetIdProperty, remote.DatasetId.ToString(CultureInfo.InvariantCulture), cancel);

    internal static BackupPlan Decide(BackupRequest request, LocalInventory local, RemoteInventory remote)
    {
        // By force the filesystem forgets whose backup it was; snapshots without a common one are a conflict still.
        var plan = BackupPlanner.Plan(request.Force ? local with { SavedDatasetId = null } : local, remote, request.Plan);
        // Names are times in whole seconds, which two datasets may share. Where a stream goes in, zfs compares guids; here nothing does.
        return plan.Outcome == BackupOutcome.UpToDate && local.SavedDatasetId is { } saved && saved != remote.DatasetId
            ? plan with { Outcome = BackupOutcome.WrongDataset, Message = Conflicts.NamesOnly(local.Filesystem, saved, remote) }
            : plan;
    }

    /// <summary>Rotation destroys: only where the filesystem says itself that it is this backup, not where somebody mistyped a name.</summary>
    private static bool IsBackupOf(LocalInventory local, RemoteInventory remote) => local.SavedDatasetId == remote.DatasetId;

    /// <summary>The inventory as it will be when the plan's steps are done.</summary>
    private static LocalInventory After(LocalInventory local, RemoteInventory remote, BackupPlan plan)
    {
        var historyId = remote.CurrentHistoryId;
        var added = plan.Steps.SelectMany(static step => step switch
        {
            FullStep full => [full.Snapshot],
            IncrementalStep increment => increment.Included,
            _ => throw new ArgumentOutOfRangeException(nameof(plan), step, null),
        }).Select(s => new LocalSnapshot(historyId, s.Name, s.CreatedAt, Guid: 0, IsHeld: false)).ToList();
        return added.Count == 0
            ? local
            : local with { HistoryIds = [.. local.HistoryIds.Union([historyId])], Snapshots = [.. local.Snapshots, .. added] };
    }
}
