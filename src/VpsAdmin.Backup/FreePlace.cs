using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Makes room for a history dataset. What has its name already and is no backup is never written over, nor destroyed: it is kept under another name.</summary>
internal sealed class FreePlace(ZfsHost zfs, BackupMark mark)
{
    /// <summary>More than the metadata of an empty filesystem. Whoever has more in it hardly means it to be out of his way.</summary>
    private const long EmptyFilesystem = 1 << 20;

    /// <param name="target">The history dataset, without snapshots if it is there.</param>
    /// <param name="force">Also what is not nearly empty may be set aside.</param>
    /// <exception cref="TransferException"><see cref="TransferFailure.TargetConflict"/>: there are files in it.</exception>
    public async Task<bool> IsTakenAsync(string target, bool force, CancellationToken cancel)
    {
        if (!await zfs.ExistsAsync(target, cancel).ConfigureAwait(false) || await TryClearAsync(target, cancel).ConfigureAwait(false))
            return false;
        var filesystem = await zfs.GetFilesystemAsync(target, cancel).ConfigureAwait(false);
        if (filesystem.Referenced > EmptyFilesystem && !force)
            throw new TransferException(TransferFailure.TargetConflict, Conflicts.NotEmpty(target, filesystem.Referenced));
        return true;
    }

    /// <summary>Destroys what a crash while seeding has left: a clone without snapshots that a backup has marked as its own.</summary>
    public async Task<bool> TryClearAsync(string target, CancellationToken cancel)
    {
        if ((await zfs.GetFilesystemAsync(target, cancel).ConfigureAwait(false)).Origin is null || !await IsOwnAsync(target, cancel).ConfigureAwait(false))
            return false;
        await zfs.DestroyAsync(target, cancel).ConfigureAwait(false);
        return true;
    }

    public async Task<bool> IsOwnAsync(string target, CancellationToken cancel) =>
        await zfs.GetLocalPropertyAsync(target, BackupMark.Property, cancel).ConfigureAwait(false) == mark.ToString();

    /// <returns>Its name from now on, which no backup looks at.</returns>
    public async Task<string> SetAsideAsync(string target, string snapshot, CancellationToken cancel)
    {
        var others = (await zfs.ListFilesystemsAsync(target[..target.LastIndexOf('/')], depth: 1, cancel).ConfigureAwait(false)).Select(static f => f.Name).ToHashSet(StringComparer.Ordinal);
        var name = Name(target, snapshot, others);
        await zfs.RenameAsync(target, name, cancel).ConfigureAwait(false);
        return name;
    }

    /// <summary>A name beside <paramref name="target"/> that is free; pure.</summary>
    /// <param name="snapshot">Tells those of different times apart.</param>
    public static string Name(string target, string snapshot, IReadOnlySet<string> others)
    {
        var dated = $"{target}.old-{snapshot.Replace(':', '-')}";
        return Enumerable.Range(1, int.MaxValue).Select(n => n switch { 1 => $"{target}.old", 2 => dated, _ => FormattableString.Invariant($"{dated}-{n}") }).First(name => !others.Contains(name));
    }

    /// <summary>What was to come has not.</summary>
    /// <returns>False: it is still where it was set aside to.</returns>
    public async Task<bool> TryPutBackAsync(string name, string target)
    {
        try
        {
            if (await zfs.ExistsAsync(target, CancellationToken.None).ConfigureAwait(false))
                return false;
            await zfs.RenameAsync(name, target, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (ZfsException)
        {
            return false;
        }
    }
}
