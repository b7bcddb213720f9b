namespace VpsAdmin.Server.Snapshots;

/// <summary>Ids of a dataset's histories (spec 2.3).</summary>
internal static class HistoryId
{
    /// <summary>
    /// An id that no snapshot has had: one more than all that are in use. vpsAdmin counts up from the current one, which can be lower than
    /// another's, and so gave one id to snapshots that have no common path (BUG-30).
    /// </summary>
    public static int Next(int current, IEnumerable<int> existing) => existing.Append(current).Max() + 1;
}
