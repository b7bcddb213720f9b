using VpsAdmin.Client;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Inventory, plan, run, rotate. Runs of one instance may overlap, into different filesystems; they share the rate limit of <paramref name="transfers"/>.</summary>
public sealed class BackupRunner(VpsAdminClient client, ZfsHost zfs, SnapshotTransfer transfers, TimeProvider time)
{
    /// <summary>The user property on the filesystem that names the remote dataset; the original client's.</summary>
    public const string DatasetIdProperty = "cz.vpsfree.vpsadmin:dataset_id";

    /// <summary>The user property on the filesystem that names the last download which a backup into it had the server make.</summary>
    internal const string DownloadIdProperty = "cz.vpsfree.vpsadmin:download_id";

    private readonly LocalInventoryReader _local = new(zfs);
    private readonly RemoteInventoryReader _remote = new(client);

    /// <summary>Reads both sides and decides; changes nothing.</summary>
    /// <exception cref="BackupConflictException">No dataset id, or the server kept the dataset locked.</exception>
    public async Task<BackupPlan> PlanAsync(BackupRequest request, CancellationToken cancel)
    {
        var (local, remote) = await ReadAsync(request, progress: null, cancel).ConfigureAwait(false);
        var plan = Decide(request, local, remote);
        if (request.Rotation is null || plan.IsConflict || (plan.Steps.Count == 0 && (local.SavedDatasetId is null || IsForeign(local, remote))))
            return plan;
        var after = OwnHistories.Only(BackupForecast.After(local, remote, plan), remote);
        return plan with { Rotation = RotationPlanner.Plan(after, remote.CurrentHistoryId, request.Rotation, time.GetUtcNow(), BackupPlanner.Base(after, remote)) };
    }

    /// <exception cref="BackupConflictException">The plan is a conflict, or another run is backing up into the filesystem.</exception>
    /// <exception cref="TransferException"/>
    /// <exception cref="ZfsException"/>
    /// <exception cref="VpsAdmin.HaveApi.HaveApiException"/>
    /// <param name="compared">Told what is on both sides before anything is done, so that a failure can be told with it; null: nobody is.</param>
    public async Task<BackupResult> RunAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancel, Action<BackupSubject>? compared = null)
    {
        using var alone = FilesystemLock.Take(request.Filesystem, zfs.Remote);
        progress?.Report(new BackupProgress("Comparing snapshots", Transfer: null));
        var started = time.GetTimestamp();
        var (local, remote) = await ReadAsync(request, progress, cancel).ConfigureAwait(false);
        compared?.Invoke(new BackupSubject(remote.DatasetId, remote.DatasetName, remote.CurrentHistoryId, BackupPlanner.Base(local, remote)?.Name));
        var run = new BackupRun(
            zfs, _local, c => AskAsync(remote.DatasetId, request, progress, c), new StepRunner(client, zfs, transfers, time, request, remote.Mark), request, remote, progress);
        (var plan, local) = await run.TransferAsync(local, cancel).ConfigureAwait(false);
        return await run.FinishAsync(plan, local, time, started, cancel).ConfigureAwait(false);
    }

    /// <summary>When the newest snapshot here was taken, UTC; null when there is none, or the filesystem cannot be read. For choosing the stalest.</summary>
    public async Task<DateTimeOffset?> FindNewestAsync(string filesystem, CancellationToken cancel)
    {
        try
        {
            return (await zfs.ListSnapshotsAsync(filesystem, depth: 1, cancel).ConfigureAwait(false))
                .Where(s => HistoryDataset.HistoryId(filesystem, s.Name.Dataset) is not null).Max(static s => (DateTimeOffset?)s.Creation);
        }
        catch (ZfsException)
        {
            return null;
        }
    }

    private async Task<(LocalInventory Local, RemoteInventory Remote)> ReadAsync(BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var local = await _local.ReadAsync(request.Filesystem, cancel).ConfigureAwait(false);
        var id = request.DatasetId ?? local.SavedDatasetId ?? throw new BackupConflictException(conflict: null,
            $"No dataset was named, and '{request.Filesystem}' does not remember one: its property {DatasetIdProperty} is not set.");
        return (local, await AskAsync(id, request, progress, cancel).ConfigureAwait(false));
    }

    private Task<RemoteInventory> AskAsync(long datasetId, BackupRequest request, IProgress<BackupProgress>? progress, CancellationToken cancel) =>
        new ServerPatience(request.Transfer, time, words => progress?.Report(new BackupProgress($"Waiting for the server: {words}", Transfer: null)))
            .AskAsync(c => _remote.ReadAsync(datasetId, c), cancel);

    /// <summary>The filesystem remembers another dataset, or another server, where the same number is another dataset.</summary>
    internal static bool IsForeign(LocalInventory local, RemoteInventory remote) =>
        local.SavedDatasetId is { } saved && (saved != remote.DatasetId || (local.Mark is { } mark && mark.Server != remote.Server));

    internal static BackupPlan Decide(BackupRequest request, LocalInventory local, RemoteInventory remote, IReadOnlySet<string>? refused = null)
    {
        var isForeign = IsForeign(local, remote);
        // By force the filesystem forgets whose backup it was; but what is only named alike is not destroyed.
        var plan = BackupPlanner.Plan(
            request.Force ? local with { SavedDatasetId = null } : local, remote,
            request.Plan with { Force = request.Force && !isForeign, Refused = refused ?? request.Plan.Refused });
        if (!isForeign)
            return plan;
        // An increment proves that it is the same dataset, for zfs compares what it goes on top of. Nothing else does.
        if (local.SavedDatasetId == remote.DatasetId)
            return request.Force || plan.Steps.All(static s => s is IncrementalStep) ? plan : Conflict(plan, Conflicts.OtherServer(local, remote));
        // Names are times in whole seconds, which two datasets may share.
        return plan.Outcome == BackupOutcome.UpToDate ? Conflict(plan, Conflicts.NamesOnly(local.Filesystem, local.SavedDatasetId!.Value, remote)) : plan;
    }

    private static BackupPlan Conflict(BackupPlan plan, BackupConflict conflict) => new(plan.Target, [], conflict, conflict.Message);
}
