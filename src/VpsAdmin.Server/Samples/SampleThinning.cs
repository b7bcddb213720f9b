using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Samples;

/// <summary>
/// Lets samples go that have had their time: all are kept for some days, then the first of each day for a year. The database finds them, and
/// a day that was thinned is not looked at again: there are as many as datasets in an hour.
/// </summary>
internal static class SampleThinning
{
    public static readonly TimeSpan Hourly = TimeSpan.FromDays(7);
    public static readonly TimeSpan Daily = TimeSpan.FromDays(366);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <param name="from">Day that is thinned first, UTC; null: the oldest of which there is a sample.</param>
    /// <returns>Day to go on with another time; null: there is no sample.</returns>
    public static async Task<DateTimeOffset?> ThinAsync(VpsAdminDb db, DateTimeOffset? from, DateTimeOffset now, CancellationToken cancel)
    {
        var (oldest, hourly) = (now - Daily, now - Hourly);
        await db.SpaceSamples.Where(s => s.At < oldest).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        from ??= await db.SpaceSamples.OrderBy(static s => s.At).Select(static s => (DateTimeOffset?)s.At).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (from is not { } first)
            return null;
        var day = new DateTimeOffset(first.UtcDateTime.Date, TimeSpan.Zero);
        for (; day + Day <= hourly; day += Day)
            await ThinDayAsync(db, day, day + Day, cancel).ConfigureAwait(false);
        return day;
    }

    /// <summary>Keeps what was written down first of each series.</summary>
    private static Task<int> ThinDayAsync(VpsAdminDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var day = db.SpaceSamples.Where(s => s.At >= from && s.At < to);
        var kept = day.GroupBy(static s => new { s.DatasetId, s.PoolId }).Select(static series => series.Min(static s => s.Id));
        return day.Where(s => !kept.Contains(s.Id)).ExecuteDeleteAsync(cancel);
    }
}
