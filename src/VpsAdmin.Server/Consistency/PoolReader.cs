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
        var own = PoolDataset.OwnName(filesystem);
        var filesystems = await zfs.ListFilesystemsAsync(filesystem, depth: null, cancel).ConfigureAwait(false);
        var snapshots = await zfs.ListSnapshotsAsync(filesystem, depth: null, cancel).ConfigureAwait(false);
        var downloads = await DownloadArea.FindAsync(zfs, filesystem, cancel).ConfigureAwait(false);
        return new PoolContent(
            [.. filesystems.Select(static f => f.Name).Where(name => name != filesystem && !IsOwn(name))],
            [.. snapshots.Where(s => s.Name.Dataset != filesystem && !IsOwn(s.Name.Dataset)).Select(static s => s.Name.ToString())],
            downloads is null ? [] : [.. Files(downloads)]);

        bool IsOwn(string name) => name == own || name.StartsWith(own + "/", StringComparison.Ordinal);
    }

    internal static IEnumerable<DownloadFileThere> Files(string downloads) => new DirectoryInfo(downloads).EnumerateDirectories().SelectMany(FilesIn);

    private static IReadOnlyList<DownloadFileThere> FilesIn(DirectoryInfo folder)
    {
        try
        {
            return [.. folder.EnumerateFiles().Select(file => new DownloadFileThere(folder.Name, file.Name, file.Length))];
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // The download was removed since its folder was listed.
            return [];
        }
    }
}
