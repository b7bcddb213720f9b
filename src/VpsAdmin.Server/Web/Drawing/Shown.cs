using System.Globalization;

namespace VpsAdmin.Server.Web.Drawing;

/// <summary>How sizes, ages and durations are written for people.</summary>
public static class Shown
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Three digits that count: <c>1.25 GiB</c>, <c>14.2 GiB</c>, <c>512 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1024;
        var digits = unit == 0 || value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>As the API counts, which rounds down. Null is not known.</summary>
    public static string MiB(long? mebibytes) => mebibytes switch { null => "–", 0 => "< 1 MiB", { } known => Bytes(known << 20) };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The largest unit that is whole: <c>3 min</c>, <c>5 h</c>, <c>12 d</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => Whole(time.TotalSeconds, "s"),
        { TotalHours: < 1 } => Whole(time.TotalMinutes, "min"),
        { TotalDays: < 2 } => Whole(time.TotalHours, "h"),
        _ => Whole(time.TotalDays, "d"),
    };

    private static string Whole(double value, string unit) => $"{Math.Floor(value).ToString("0", CultureInfo.InvariantCulture)} {unit}";
}
