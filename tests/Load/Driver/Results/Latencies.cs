using System.Collections.Concurrent;

namespace VpsAdmin.Load.Results;

/// <summary>How long each of many took.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentQueue<TimeSpan> _taken = [];

    public void Add(TimeSpan time) => _taken.Enqueue(time);

    public int Count => _taken.Count;

    /// <summary>Milliseconds of the middle one, of the 99th of a hundred, and of the slowest.</summary>
    public string Milliseconds => Text(static time => time.TotalMilliseconds);

    /// <summary>The same in seconds.</summary>
    public string Seconds => Text(static time => time.TotalSeconds);

    /// <param name="share">0.5 for the one in the middle.</param>
    internal static TimeSpan Percentile(IReadOnlyList<TimeSpan> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];

    private string Text(Func<TimeSpan, double> unit)
    {
        TimeSpan[] sorted = [.. _taken.Order()];
        return sorted.Length == 0 ? "none" : string.Join(" / ", ((double[])[0.5, 0.99, 1]).Select(share => ResultTable.Readable(unit(Percentile(sorted, share)))));
    }
}
