namespace VpsAdmin.Backup;

/// <summary>What local and remote have in common, found once in time linear in both.</summary>
internal sealed class CommonSnapshots
{
    private readonly ILookup<string, LocalSnapshot> _local;

    public CommonSnapshots(LocalInventory local, RemoteInventory remote)
    {
        HistoryId = remote.CurrentHistoryId;
        Current = remote.Current;
        Here = local.Of(HistoryId);
        _local = local.Snapshots.ToLookup(static s => s.Name, StringComparer.Ordinal);
        var last = Current.Count - 1;
        while (last >= 0 && !_local[Current[last].Name].Any(Current[last].Is))
            last--;
        Missing = After(last);
    }

    public int HistoryId { get; }

    /// <summary>The server's snapshots of the current history, oldest first.</summary>
    public IReadOnlyList<RemoteSnapshot> Current { get; }

    /// <summary>Local ones in the dataset of the current history, oldest first.</summary>
    public IReadOnlyList<LocalSnapshot> Here { get; }

    /// <summary>What the server has after the newest that is here in any history (V9, BUG-12).</summary>
    public IReadOnlyList<RemoteSnapshot> Missing { get; }

    /// <summary>The histories in which the server's newest snapshot is here.</summary>
    public IReadOnlyList<int> Places => Current.Count == 0 ? [] : [.. _local[Current[^1].Name].Where(Current[^1].Is).Select(static s => s.HistoryId).Order()];

    public IReadOnlyList<RemoteSnapshot> After(int index) => index < 0 ? Current : [.. Current.Skip(index + 1)];

    /// <summary>Common snapshots, newest first, each with its index among <see cref="Current"/>.</summary>
    /// <param name="here">Only those in the dataset of the current history; else those of other histories, the latest history before others.</param>
    public IEnumerable<(LocalSnapshot Local, int Index)> Bases(bool here) =>
        from index in Enumerable.Range(0, Current.Count).Reverse()
        let found = _local[Current[index].Name].Where(s => s.HistoryId == HistoryId == here && Current[index].Is(s)).MaxBy(static s => s.HistoryId)
        where found is not null
        select (found, index);
}
