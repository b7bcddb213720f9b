using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Carries out the steps that move no data: seeding, rolling back, setting aside.</summary>
internal sealed class Rearranging(ZfsHost zfs, BackupMark mark)
{
    /// <summary>Somebody may look into a backup; nobody changes it, and it is not mounted at boot.</summary>
    private readonly Dictionary<string, string> _asBackup = new() { ["readonly"] = "on", ["canmount"] = "noauto", [BackupMark.Property] = mark.ToString() };

    private readonly FreePlace _places = new(zfs, mark);

    /// <returns>What is to be told of it; null: nothing.</returns>
    /// <exception cref="ZfsException"/>
    public async Task<string?> RunAsync(BackupStep step, CancellationToken cancel)
    {
        switch (step)
        {
            case SeedStep seed:
                return await SeedAsync(seed, cancel).ConfigureAwait(false);
            case RollbackStep rollback:
                await zfs.RollbackAsync(new SnapshotName(rollback.Target, rollback.Snapshot.Name), cancel).ConfigureAwait(false);
                return null;
            case AsideStep aside:
                await zfs.RenameAsync(aside.Target, aside.NewName, cancel).ConfigureAwait(false);
                return aside.Reason;
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, null);
        }
    }

    /// <summary>A crash between clone and promote leaves a clone without snapshots: promoted by the next run, or made anew.</summary>
    private async Task<string?> SeedAsync(SeedStep step, CancellationToken cancel)
    {
        var origin = new SnapshotName(step.Source, step.Snapshot.Name);
        var told = await CloneAsync(step, origin, cancel).ConfigureAwait(false);
        // zfs-fuse mounts clones also with canmount=noauto.
        await zfs.UnmountAsync(step.Target, cancel).ConfigureAwait(false);
        await zfs.PromoteAsync(step.Target, cancel).ConfigureAwait(false);

        var promoted = await zfs.GetSnapshotAsync(origin with { Dataset = step.Target }, cancel).ConfigureAwait(false);
        if (promoted.Guid != step.Snapshot.Guid)
            throw new ZfsException(ZfsFailure.Other,
                $"'{promoted.Name}' has the guid {promoted.Guid}, where '{origin}' had {step.Snapshot.Guid}: somebody else is at work in '{step.Source}'.", [], exitCode: null, standardError: "");
        return told;
    }

    private async Task<string?> CloneAsync(SeedStep step, SnapshotName origin, CancellationToken cancel)
    {
        string? told = null;
        if (await zfs.ExistsAsync(step.Target, cancel).ConfigureAwait(false))
        {
            if ((await zfs.GetFilesystemAsync(step.Target, cancel).ConfigureAwait(false)).Origin == origin && await _places.IsOwnAsync(step.Target, cancel).ConfigureAwait(false))
                return null;
            // Its snapshots were listed, and there were none.
            if (!await _places.TryClearAsync(step.Target, cancel).ConfigureAwait(false))
                told = Conflicts.KeptAs(step.Target, await _places.SetAsideAsync(step.Target, step.Snapshot.Name, cancel).ConfigureAwait(false));
        }
        try
        {
            await zfs.CloneAsync(origin, step.Target, _asBackup, cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.PermissionDenied)
        {
            // Whoever may not set a property of users may do all the rest.
            await zfs.CloneAsync(origin, step.Target, _asBackup.Where(static p => p.Key != BackupMark.Property).ToDictionary(), cancel).ConfigureAwait(false);
        }
        return told;
    }

    /// <summary>Undoes a <see cref="SeedStep"/> on top of which nothing fits: the snapshots go back to where they were.</summary>
    public async Task UndoAsync(SeedStep step, CancellationToken cancel)
    {
        await zfs.PromoteAsync(step.Source, cancel).ConfigureAwait(false);
        await zfs.DestroyAsync(step.Target, cancel).ConfigureAwait(false);
    }
}
