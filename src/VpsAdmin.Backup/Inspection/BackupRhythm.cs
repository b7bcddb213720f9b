namespace VpsAdmin.Backup.Inspection;

/// <summary>Finds where snapshots are missing in a rhythm; pure.</summary>
public static class BackupRhythm
{
    /// <summary>A snapshot may come late by so much of the rhythm before it counts as missing.</summary>
    private const double Tolerance = 0.5;

    /// <param name="times">In any order.</param>
    /// <param name="rhythm">How often there should be a snapshot.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rhythm that is not positive.</exception>
    public static IReadOnlyList<BackupGap> Gaps(IEnumerable<DateTimeOffset> times, TimeSpan rhythm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(rhythm, TimeSpan.Zero);
        var ordered = times.Order().ToList();
        return [.. ordered.Zip(ordered.Skip(1))
            .Select(pair => new BackupGap(pair.First, pair.Second, Missed(pair.Second - pair.First, rhythm)))
            .Where(static gap => gap.Missed > 0)];
    }

    private static int Missed(TimeSpan pause, TimeSpan rhythm)
    {
        var times = pause / rhythm;
        return times <= 1 + Tolerance ? 0 : (int)Math.Min(Math.Round(times, MidpointRounding.AwayFromZero) - 1, int.MaxValue);
    }
}
