namespace VpsAdmin.Zfs.Replay;

/// <summary>Counts the records of a stream by type.</summary>
internal sealed class ReplayTallies
{
    private readonly SortedDictionary<ReplayRecordType, ReplayTally> _byType = [];

    public void Add(in ReplayRecord record)
    {
        var tally = _byType.GetValueOrDefault(record.Type) ?? new ReplayTally(record.Type, 0, 0, 0);
        _byType[record.Type] = tally with
        {
            Count = tally.Count + 1,
            PayloadBytes = tally.PayloadBytes + (record.PayloadLength ?? 0),
            LogicalBytes = tally.LogicalBytes + long.CreateSaturating(record.LogicalLength),
        };
    }

    public IReadOnlyList<ReplayTally> ToList() => [.. _byType.Values];
}
