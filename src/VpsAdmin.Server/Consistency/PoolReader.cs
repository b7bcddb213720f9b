using VpsAdmin.Node;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Consistency;

/// <summary>Reads what is on a pool of this machine.</summary>
internal sealed class PoolReader(ZfsHost zfs)
{
    /// <exception cref="ZfsException"/>
    /// <exception cref="TransactionException">Its downloads cannot be looked at.</exception>
    /// <exception cref="IOException"/>
    public async Task<PoolContent> ReadAsync(string filesystem, CancellationToken cancel)
    {
        // What vpsAdmin keeps for itself there comes and goes with the work.
        var own = $"{filesystem}/vpsadmin";
        var filesystems = await zfs.ListFilesystemsAsync(filesystem, depth: null, cancel).ConfigureAwait(false);
        var snapshots = await zfs.ListSnapshotsAsync(filesystem, depth: null, cancel).ConfigureAwait(false);
        var downloads = await DownloadArea.FindAsync(zfs, filesystem, cancel).ConfigureAwait(false);
        return new PoolContent(
            [.. filesystems.Select(static f => f.Name).Where(name => name != filesystem && !IsOwn(name))],
            [.. snapshots.Where(s => s.Name.Dataset != filesystem && !IsOwn(s.Name.Dataset)).Select(static s => s.Name.ToString())],
            downloads is null ? [] : [.. Files(downloads)]);

        bool IsOwn(string name) => name == own || name.StartsWith(own + "/", StringComparison.Ordinal);
    }

    private static IEnumerable<DownloadFileThere> Files(string downloads) =>
        from folder in new DirectoryInfo(downloads).EnumerateDirectories()
        where folder.Name != "lost+found"
        from file in folder.EnumerateFiles()
        select new DownloadFileThere(folder.Name, file.Name, file.Length);
}
