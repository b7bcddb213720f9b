using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Carries out the steps that move no data: seeding, rolling back, setting aside.</summary>
internal sealed class Rearranging(ZfsHost zfs)
{
    /// <summary>Somebody may look into a backup; nobody changes it, and it is not mounted at boot.</summary>
    private static readonly Dictionary<string, string> AsBackup = new() { ["readonly"] = "on", ["canmount"] = "noauto" };

    /// <exception cref="ZfsException"/>
    public Task RunAsync(BackupStep step, CancellationToken cancel) => step switch
    {
        SeedStep seed => SeedAsync(seed, cancel),
        RollbackStep rollback => zfs.RollbackAsync(new SnapshotName(rollback.Target, rollback.Snapshot.Name), cancel),
        AsideStep aside => zfs.RenameAsync(aside.Target, aside.NewName, cancel),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    /// <summary>A crash between clone and promote leaves a clone without snapshots: promoted by the next run, or made anew.</summary>
    private async Task SeedAsync(SeedStep step, CancellationToken cancel)
    {
        var origin = new SnapshotName(step.Source, step.Snapshot.Name);
        if (await zfs.ExistsAsync(step.Target, cancel).ConfigureAwait(false)
            && (await zfs.GetFilesystemAsync(step.Target, cancel).ConfigureAwait(false)).Origin != origin)
        {
            // A clone of another snapshot: its snapshots were listed, and there were none.
            await zfs.DestroyAsync(step.Target, cancel).ConfigureAwait(false);
        }
        if (!await zfs.ExistsAsync(step.Target, cancel).ConfigureAwait(false))
            await zfs.CloneAsync(origin, step.Target, AsBackup, cancel).ConfigureAwait(false);
        // zfs-fuse mounts clones also with canmount=noauto.
        await zfs.UnmountAsync(step.Target, cancel).ConfigureAwait(false);
        await zfs.PromoteAsync(step.Target, cancel).ConfigureAwait(false);

        var promoted = await zfs.GetSnapshotAsync(origin with { Dataset = step.Target }, cancel).ConfigureAwait(false);
        if (promoted.Guid != step.Snapshot.Guid)
            throw new ZfsException(ZfsFailure.Other,
                $"'{promoted.Name}' has the guid {promoted.Guid}, where '{origin}' had {step.Snapshot.Guid}: somebody else is at work in '{step.Source}'.", [], exitCode: null, standardError: "");
    }

    /// <summary>Undoes a <see cref="SeedStep"/> on top of which nothing fits: the snapshots go back to where they were.</summary>
    public async Task UndoAsync(SeedStep step, CancellationToken cancel)
    {
        await zfs.PromoteAsync(step.Source, cancel).ConfigureAwait(false);
        await zfs.DestroyAsync(step.Target, cancel).ConfigureAwait(false);
    }
}
