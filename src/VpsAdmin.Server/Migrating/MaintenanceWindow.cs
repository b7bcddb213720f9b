using System.Globalization;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Migrating;

/// <summary>
/// When a VPS may be stopped for its node's sake: days and hours in UTC, such as <c>Sat 22:00-24:00, Sun 00:00-06:00</c>. Without any it may be at
/// any time.
/// </summary>
public static class MaintenanceWindow
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <param name="text">As <see cref="Normalize"/> made it.</param>
    public static bool IsOpen(string text, DateTimeOffset now)
    {
        var utc = now.UtcDateTime;
        var windows = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).ToList();
        return windows.Count == 0 || windows.Exists(w => w is { } window && window.Day == utc.DayOfWeek && window.Opens <= utc.TimeOfDay && utc.TimeOfDay < window.Closes);
    }

    /// <summary>As it is kept.</summary>
    /// <exception cref="ActionRefusedException">A window is none.</exception>
    public static string Normalize(string? text)
    {
        var windows = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return windows.FirstOrDefault(static w => Parse(w) is null) is { } wrong
            ? throw ActionRefusedException.Invalid("maintenance_windows", $"'{wrong}' is not a window such as 'Sun 01:00-05:00'")
            : string.Join(", ", windows);
    }

    private static (DayOfWeek Day, TimeSpan Opens, TimeSpan Closes)? Parse(string window) =>
        window.Split(' ', '-') is [var day, var opens, var closes] && DayOf(day) is { } weekday && TimeOf(opens) is { } from && TimeOf(closes) is { } to && from < to
            ? (weekday, from, to)
            : null;

    private static DayOfWeek? DayOf(string name) =>
        Enum.GetValues<DayOfWeek>().Select(static d => (DayOfWeek?)d).FirstOrDefault(d => string.Equals(d.ToString()![..3], name, StringComparison.OrdinalIgnoreCase));

    private static TimeSpan? TimeOf(string text) =>
        text is "24:00" ? Day : TimeSpan.TryParseExact(text, @"hh\:mm", CultureInfo.InvariantCulture, out var time) ? time : null;
}
