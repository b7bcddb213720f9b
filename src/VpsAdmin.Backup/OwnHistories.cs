namespace VpsAdmin.Backup;

/// <summary>Tells which history datasets of a filesystem are this backup's; pure. Only those are rotated, and only their holds released.</summary>
internal static class OwnHistories
{
    /// <summary>Those that are marked as such; and of those without a mark, as the original client leaves them, the ones with a snapshot that the server has in just that history.</summary>
    public static IReadOnlySet<int> Of(LocalInventory local, RemoteInventory remote)
    {
        var mark = remote.Mark.ToString();
        var known = remote.Snapshots.ToLookup(static s => (s.HistoryId, s.Name));
        var recognised = local.Snapshots.Where(s => known[(s.HistoryId, s.Name)].Any(r => r.Is(s))).Select(static s => s.HistoryId).ToHashSet();
        return local.HistoryIds.Where(id => local.Marks.TryGetValue(id, out var value) ? value == mark : recognised.Contains(id)).ToHashSet();
    }

    /// <summary>The inventory without what is not this backup's. What clones need stays known, whosever they are.</summary>
    public static LocalInventory Only(LocalInventory local, RemoteInventory remote)
    {
        var own = Of(local, remote);
        return local with { HistoryIds = [.. local.HistoryIds.Where(own.Contains)], Snapshots = [.. local.Snapshots.Where(s => own.Contains(s.HistoryId))] };
    }

    /// <summary>As it is when the filesystem, and the histories that were its own, are marked as this backup's from now on.</summary>
    public static LocalInventory Remarked(LocalInventory local, RemoteInventory remote)
    {
        var before = local.Mark?.ToString();
        return local with { Mark = remote.Mark, Marks = local.Marks.ToDictionary(static m => m.Key, m => m.Value == before ? remote.Mark.ToString() : m.Value) };
    }
}
