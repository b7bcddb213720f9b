using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>Where a snapshot that comes back from a backup waits to take its filesystem's place: <c>&lt;pool&gt;/vpsadmin/rollback/&lt;key&gt;</c>.</summary>
internal static class RestoredDataset
{
    private const string Area = "rollback";

    public static string Name(string filesystem, long key) => key < 0
        ? throw new TransactionException($"{key} is not the number of a dataset.")
        : PoolDataset.OwnName(filesystem, $"{Area}/{key.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Where what it replaces waits until the restored filesystem is in its place.</summary>
    public static string Replaced(string filesystem, long key) => Name(filesystem, key) + "-replaced";

    public static Task PrepareAreaAsync(ZfsHost zfs, string filesystem, CancellationToken cancel) =>
        OwnDataset.PrepareAsync(zfs, filesystem, Area, UnixFolder.Private, cancel);
}
