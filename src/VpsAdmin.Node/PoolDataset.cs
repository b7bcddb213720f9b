using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>Names from messages, checked before they become arguments of commands or parts of paths.</summary>
public static class PoolDataset
{
    /// <summary>What vpsAdmin keeps for itself below a pool filesystem: downloads, mounts of snapshots.</summary>
    private const string Own = "vpsadmin";

    /// <summary>What the name of a tree of backups begins with; no dataset of a user has such a name.</summary>
    private const string Tree = "tree.";

    /// <summary>Whether a dataset is a tree of another one's backups, or in one.</summary>
    public static bool IsOfTree(string dataset, string backup) => dataset.StartsWith($"{backup}/{Tree}", StringComparison.Ordinal);

    /// <exception cref="TransactionException">Not a name, or one of vpsAdmin's own datasets.</exception>
    public static string Name(string filesystem, string dataset)
    {
        var name = $"{Filesystem(filesystem)}/{dataset}";
        if (!ZfsName.IsDataset(name))
            throw new TransactionException($"'{name}' is not a name of a ZFS dataset.");
        if (dataset.Split('/')[0] == Own)
            throw new TransactionException($"'{name}' is vpsAdmin's own and no dataset of a user.");
        return name;
    }

    public static SnapshotName Snapshot(string filesystem, string dataset, string snapshot)
    {
        var name = new SnapshotName(Name(filesystem, dataset), snapshot);
        return ZfsName.IsSnapshot(snapshot) && name.ToString().Length <= ZfsName.MaxLength
            ? name
            : throw new TransactionException($"'{name}' is not a name of a ZFS snapshot.");
    }

    /// <summary>One of vpsAdmin's own datasets of a pool; without a name the one above them all.</summary>
    public static string OwnName(string filesystem, string? name = null) =>
        name is null ? $"{Filesystem(filesystem)}/{Own}" : $"{Filesystem(filesystem)}/{Own}/{name}";

    private static string Filesystem(string name) =>
        ZfsName.IsDataset(name) ? name : throw new TransactionException($"'{name}' is not a name of a pool filesystem.");
}
