using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// A read-only clone that shows the files of a snapshot for one download: <c>&lt;pool filesystem&gt;/vpsadmin/mount/&lt;download id&gt;</c>.
/// Not <c>.zfs/snapshot</c>: zfs-fuse has none, and where automounting it fails (in containers, without the kernel's helper) the folder is
/// there and empty, which would make a valid archive of nothing. A clone is mounted or it is an error.
/// </summary>
internal sealed class SnapshotClone(ZfsHost zfs, string poolFilesystem, long downloadId, TimeProvider time) : IAsyncDisposable
{
    private const string Area = "mount";
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromMinutes(1);

    private readonly string _own = Own(downloadId);
    private readonly string _name = PoolDataset.OwnName(poolFilesystem, Own(downloadId));

    /// <summary>Mounts the snapshot in place of what a former attempt may have left.</summary>
    /// <returns>The folder with the snapshot's files.</returns>
    public async Task<string> MountAsync(SnapshotName snapshot, CancellationToken cancel)
    {
        await OwnDataset.PrepareAsync(zfs, poolFilesystem, Area, UnixFolder.Private, cancel).ConfigureAwait(false);
        await RemoveAsync(cancel).ConfigureAwait(false);
        await zfs.CloneAsync(snapshot, _name, new Dictionary<string, string> { ["readonly"] = "on" }, cancel).ConfigureAwait(false);
        return await OwnDataset.FindAsync(zfs, poolFilesystem, _own, cancel).ConfigureAwait(false)
            ?? throw new TransactionException($"The clone {_name} of {snapshot} was made and is gone again.");
    }

    /// <summary>Destroys the clone if there is one.</summary>
    public async Task RemoveAsync(CancellationToken cancel)
    {
        try
        {
            if (await zfs.ExistsAsync(_name, cancel).ConfigureAwait(false))
                await zfs.DestroyAsync(_name, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Gone, as it should be.
        }
    }

    private static string Own(long downloadId) => $"{Area}/{downloadId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Also after a cancellation, hence with a limit of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(RemovalLimit, time);
        await RemoveAsync(limit.Token).ConfigureAwait(false);
    }
}
