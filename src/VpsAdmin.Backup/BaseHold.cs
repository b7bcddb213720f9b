using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>
/// The hold on the snapshot that the next increment begins at, so that nobody prunes it by mistake. The new one is held before the old one is
/// released: a crash in between leaves both, and the next run releases the old.
/// </summary>
internal sealed class BaseHold(ZfsHost zfs)
{
    public const string Tag = "vpsadmin:base";

    /// <param name="local">What is this backup's own, and nothing else: another one's base stays held.</param>
    /// <param name="nextBase">Null: nothing is in common with the server, and holds stay where they are.</param>
    /// <returns>Null, or a warning: the backup is good without the hold.</returns>
    public async Task<string?> MoveAsync(LocalInventory local, LocalSnapshot? nextBase, CancellationToken cancel)
    {
        if (nextBase is null)
            return null;
        try
        {
            // What is held is perhaps held by somebody else only.
            await zfs.HoldAsync(Name(local, nextBase), Tag, cancel).ConfigureAwait(false);
            foreach (var held in local.Snapshots.Where(s => s.IsHeld && s != nextBase))
                await zfs.ReleaseAsync(Name(local, held), Tag, cancel).ConfigureAwait(false);
            return null;
        }
        catch (ZfsException e)
        {
            return $"The base of the next increment, '{Name(local, nextBase)}', could not be held: {e.Message} Do not destroy it by mistake.";
        }
    }

    private static SnapshotName Name(LocalInventory local, LocalSnapshot snapshot) =>
        new(HistoryDataset.Name(local.Filesystem, snapshot.HistoryId), snapshot.Name);
}
