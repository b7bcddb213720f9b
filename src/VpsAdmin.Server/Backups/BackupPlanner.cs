namespace VpsAdmin.Server.Backups;

/// <param name="NewTree">Nothing in the head branch is left of what the dataset has: a new tree begins.</param>
/// <param name="BaseId">Newest snapshot that both have; null with a new tree.</param>
/// <param name="BranchFirst">The head branch has snapshots behind the base, which the dataset was rolled back from: they get a branch of their own.</param>
/// <param name="Sent">Snapshots to send, oldest first.</param>
internal sealed record BackupMove(bool NewTree, long? BaseId, bool BranchFirst, IReadOnlyList<long> Sent);

/// <summary>What brings a backup up to date.</summary>
internal static class BackupPlanner
{
    /// <param name="local">Snapshots where the dataset is worked in, oldest first.</param>
    /// <param name="head">Those in the head branch, oldest first; null: there is no head.</param>
    /// <returns>Null: it is.</returns>
    public static BackupMove? Plan(IReadOnlyList<long> local, IReadOnlyList<long>? head)
    {
        if (local.Count == 0)
            return null;
        var common = head is null ? -1 : local.ToList().FindLastIndex(head.Contains);
        if (common < 0)
            return new(NewTree: true, null, BranchFirst: false, local);
        var sent = local.Skip(common + 1).ToList();
        var diverged = head![^1] != local[common];
        return sent.Count == 0 ? null : new(NewTree: false, local[common], diverged, sent);
    }
}
