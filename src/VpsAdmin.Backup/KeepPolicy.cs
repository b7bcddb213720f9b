using System.Globalization;

namespace VpsAdmin.Backup;

/// <summary>A length of time of which one snapshot is kept. UTC; weeks are those of ISO 8601.</summary>
public enum KeepPeriod
{
    /// <summary>Each snapshot is its own.</summary>
    Last,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// <summary>Of the newest N periods that have snapshots, the newest snapshot of each is kept; periods without any are not counted.</summary>
/// <remarks>Counting only periods that have snapshots, a server that stops taking them never empties a backup.</remarks>
public sealed record KeepPolicy(IReadOnlyDictionary<KeepPeriod, int> Counts)
{
    /// <summary>Reads <c>hourly=24,daily=14,weekly=8,monthly=12,yearly=3</c>, and <c>last=N</c>; each at most once, in any order.</summary>
    /// <exception cref="FormatException">Anything else; the message says what.</exception>
    public static KeepPolicy Parse(string text)
    {
        var counts = new Dictionary<KeepPeriod, int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [var word, var number]
                || !Enum.GetNames<KeepPeriod>().Contains(word, StringComparer.OrdinalIgnoreCase)
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count == 0)
                throw new FormatException($"'{part}' is not PERIOD=NUMBER. Periods are last, hourly, daily, weekly, monthly and yearly; the number is at least 1.");
            if (!counts.TryAdd(Enum.Parse<KeepPeriod>(word, ignoreCase: true), count))
                throw new FormatException($"'{word.ToLowerInvariant()}' is given twice.");
        }
        return new KeepPolicy(counts);
    }

    public override string ToString() =>
        string.Join(',', Counts.OrderBy(static c => c.Key).Select(static c => string.Create(CultureInfo.InvariantCulture, $"{c.Key.ToString().ToLowerInvariant()}={c.Value}")));

    /// <summary>Which of them to keep.</summary>
    /// <param name="newestFirst">In falling order of creation.</param>
    internal IReadOnlySet<LocalSnapshot> Choose(IReadOnlyList<LocalSnapshot> newestFirst)
    {
        var kept = new HashSet<LocalSnapshot>(ReferenceEqualityComparer.Instance);
        foreach (var (period, count) in Counts)
            kept.UnionWith(period == KeepPeriod.Last ? newestFirst.Take(count) : newestFirst.DistinctBy(s => Number(period, s.Creation)).Take(count));
        return kept;
    }

    /// <summary>Equal for times in the same period.</summary>
    private static long Number(KeepPeriod period, DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return period switch
        {
            KeepPeriod.Hourly => utc.Ticks / TimeSpan.TicksPerHour,
            KeepPeriod.Daily => utc.Ticks / TimeSpan.TicksPerDay,
            KeepPeriod.Weekly => (ISOWeek.GetYear(utc) * 100L) + ISOWeek.GetWeekOfYear(utc),
            KeepPeriod.Monthly => (utc.Year * 100L) + utc.Month,
            KeepPeriod.Yearly => utc.Year,
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
        };
    }
}
