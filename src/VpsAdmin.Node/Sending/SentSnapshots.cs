namespace VpsAdmin.Node.Sending;

/// <summary>The snapshots that a transfer is of, as a message names them.</summary>
internal static class SentSnapshots
{
    /// <exception cref="TransactionException">There are none, or one has a name that ZFS does not have.</exception>
    public static void Check(string filesystem, string dataset, string? fromSnapshot, IReadOnlyList<string> snapshots)
    {
        if (snapshots.Count == 0)
            throw new TransactionException("A transfer is of one snapshot at least.");
        foreach (var snapshot in snapshots.Concat(fromSnapshot is null ? [] : [fromSnapshot]))
            PoolDataset.Snapshot(filesystem, dataset, snapshot);
    }
}
