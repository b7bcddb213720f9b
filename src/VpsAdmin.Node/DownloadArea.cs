using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>Where a pool keeps its downloads: <c>&lt;filesystem&gt;/vpsadmin/download</c>, made when it is missing.</summary>
public static class DownloadArea
{
    private const string Name = "download";

    /// <summary>The folder where exports of this pool grow; the dataset is created when it is missing.</summary>
    /// <exception cref="TransactionException">The pool filesystem or the area has no folder, or is not mounted there.</exception>
    public static Task<string> PrepareAsync(ZfsHost zfs, string poolFilesystem, CancellationToken cancel) =>
        // Folders in it are named by secret keys: everybody may pass, only the owner may list.
        OwnDataset.PrepareAsync(zfs, poolFilesystem, Name, UnixFolder.PassThrough, cancel);

    /// <summary>The folder, or null when the pool never had a download.</summary>
    /// <exception cref="TransactionException">The area is there and not mounted: nobody can tell what is in it.</exception>
    public static Task<string?> FindAsync(ZfsHost zfs, string poolFilesystem, CancellationToken cancel) =>
        OwnDataset.FindAsync(zfs, poolFilesystem, Name, cancel);
}
