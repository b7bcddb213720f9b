namespace VpsAdmin.Server.Samples;

/// <param name="Series">What it is of.</param>
internal sealed record Sample(long Id, (long? DatasetId, long? PoolId) Series, DateTimeOffset At);

/// <summary>Which samples have had their time: all are kept for some days, then the first of each day for a year.</summary>
internal static class SampleThinning
{
    public static readonly TimeSpan Hourly = TimeSpan.FromDays(7);
    public static readonly TimeSpan Daily = TimeSpan.FromDays(366);

    /// <returns>Ids of those that go.</returns>
    public static IReadOnlyList<long> Plan(IEnumerable<Sample> samples, DateTimeOffset now) =>
    [
        .. samples.Where(s => now - s.At > Hourly).GroupBy(static s => (s.Series, s.At.UtcDateTime.Date))
            .SelectMany(day => day.OrderBy(static s => s.At).ThenBy(static s => s.Id).Skip(now - day.Min(static s => s.At) > Daily ? 0 : 1)).Select(static s => s.Id),
    ];
}
