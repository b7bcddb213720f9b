using VpsAdmin.Backup.Inspection;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Restoring;

/// <summary>Brings back what a backup holds, with this machine's ZFS alone.</summary>
/// <param name="sudo">Also for copying files, of which others may be the owners.</param>
public sealed class RestoreRunner(ZfsHost zfs, bool sudo, TimeProvider time)
{
    private readonly BackupInspector _inspector = new(zfs);

    /// <summary>Chooses the snapshot and refuses what can be seen to be impossible; changes nothing.</summary>
    /// <exception cref="RestoreException"/>
    /// <exception cref="ZfsException"/>
    public async Task<RestorePlan> PlanAsync(string filesystem, RestoreSelection selection, RestoreTarget target, CancellationToken cancel)
    {
        var plan = RestorePlanner.Plan(await _inspector.ReadAsync(filesystem, BackupInspector.Daily, cancel).ConfigureAwait(false), selection, target);
        switch (target)
        {
            case DatasetTarget dataset:
                await DemandNewAsync(dataset.Filesystem, cancel).ConfigureAwait(false);
                break;
            case StreamFileTarget { Overwrite: false } file when Path.Exists(file.Path):
                throw new RestoreException(RestoreFailure.TargetConflict, $"'{file.Path}' is there already. Choose another file, or overwrite it with -Force.");
            case StreamFileTarget file when Directory.Exists(file.Path) || !Directory.Exists(Path.GetDirectoryName(file.Path)):
                throw new RestoreException(RestoreFailure.TargetConflict, $"'{file.Path}' is not a file in a folder that is there.");
            case FilesTarget files:
                FileCopy.CheckTarget(files);
                break;
        }
        return plan;
    }

    /// <exception cref="RestoreException"/>
    /// <exception cref="ZfsException"/>
    /// <exception cref="VpsAdmin.Transfer.TransferException">The receiving end failed.</exception>
    public async Task<RestoreResult> RunAsync(RestorePlan plan, IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var (bytes, sha256, verified) = plan.Target switch
        {
            DatasetTarget target => await ToDatasetAsync(plan, target, progress, cancel).ConfigureAwait(false),
            StreamFileTarget target => await ToFileAsync(plan, target, progress, cancel).ConfigureAwait(false),
            FilesTarget target => await FilesAsync(plan, target, progress, cancel).ConfigureAwait(false),
            _ => throw new ArgumentOutOfRangeException(nameof(plan), plan.Target, null),
        };
        return new RestoreResult(plan.Snapshot, plan.Target.ToString()!, bytes, sha256, verified, time.GetElapsedTime(started));
    }

    private async Task<(long? Bytes, string? Sha256, bool Verified)> ToDatasetAsync(
        RestorePlan plan, DatasetTarget target, IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var receive = new ReceiveTarget(zfs, target.Filesystem, new ReceiveOptions(), time);
        SentStream sent;
        await using (receive.ConfigureAwait(false))
            sent = await new StreamRestore(zfs).RunAsync(Name(plan.Snapshot), receive, compress: false, plan.Bytes, progress, cancel).ConfigureAwait(false);
        var arrived = await zfs.GetSnapshotAsync(new SnapshotName(target.Filesystem, plan.Snapshot.Name), cancel).ConfigureAwait(false);
        return arrived.Guid == plan.Snapshot.Guid
            ? (sent.Bytes, null, true)
            : throw new RestoreException(RestoreFailure.Mismatch,
                $"'{arrived.Name}' has the guid {arrived.Guid}, but {plan.Snapshot} has {plan.Snapshot.Guid}: somebody else made the one that is there. Look at it before you use it.");
    }

    private async Task<(long? Bytes, string? Sha256, bool Verified)> ToFileAsync(
        RestorePlan plan, StreamFileTarget target, IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var file = new DecodedFileTarget(target.Path, target.Overwrite);
        await using (file.ConfigureAwait(false))
        {
            var sent = await new StreamRestore(zfs).RunAsync(Name(plan.Snapshot), file, target.Compress, plan.Bytes, progress, cancel).ConfigureAwait(false);
            return (sent.Bytes, sent.Sha256, true);
        }
    }

    private async Task<(long? Bytes, string? Sha256, bool Verified)> FilesAsync(
        RestorePlan plan, FilesTarget target, IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var filesystem = plan.Snapshot.Dataset[..plan.Snapshot.Dataset.LastIndexOf('/')];
        using var alone = TakeLock(filesystem);
        progress?.Report(new RestoreProgress($"Mounting a clone of {plan.Snapshot}", 0, null));
        var clone = new RestoreClone(zfs, filesystem, time);
        await using (clone.ConfigureAwait(false))
        {
            var top = await clone.MountAsync(Name(plan.Snapshot), cancel).ConfigureAwait(false);
            progress?.Report(new RestoreProgress($"Copying {target.Source}", 0, null));
            await new FileCopy(sudo).RunAsync(top, target, cancel).ConfigureAwait(false);
        }
        return (null, null, false);
    }

    /// <summary>One at a time, so that a clone found at the beginning is known to be what a crash left. A backup may run meanwhile.</summary>
    private static FilesystemLock TakeLock(string filesystem)
    {
        try
        {
            return FilesystemLock.Take($"{filesystem}\nrestore");
        }
        catch (BackupConflictException e) when (e.Outcome == BackupOutcome.AlreadyRunning)
        {
            throw new RestoreException(RestoreFailure.AlreadyRunning, $"Files are being restored out of '{filesystem}' already. Wait until that has ended.", e);
        }
    }

    private async Task DemandNewAsync(string filesystem, CancellationToken cancel)
    {
        if (await zfs.ExistsAsync(filesystem, cancel).ConfigureAwait(false))
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{filesystem}' is there already. Restore into a new filesystem; it can be renamed afterwards.");
        var slash = filesystem.LastIndexOf('/');
        if (slash < 0 || !await zfs.ExistsAsync(filesystem[..slash], cancel).ConfigureAwait(false))
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{filesystem}' has no filesystem above it: make that first, with 'zfs create'.");
    }

    private static SnapshotName Name(BackupSnapshot snapshot) => new(snapshot.Dataset, snapshot.Name);
}
