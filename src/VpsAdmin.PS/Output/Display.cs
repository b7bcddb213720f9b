using System.Globalization;

namespace VpsAdmin.PS.Output;

/// <summary>Values as the format views and progress show them. Independent of the culture, as sizes in ZFS's own listings are.</summary>
public static class Display
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <param name="bytes">Null: nothing is shown.</param>
    public static string Bytes(double? bytes)
    {
        if (bytes is not { } value)
            return "";
        var unit = 0;
        // 1023.95 would be shown as 1024.0.
        while (Math.Abs(value) >= 1023.95 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>The API's sizes are MiB.</summary>
    public static string MiB(long? mebibytes) => Bytes(mebibytes * 1048576.0);

    public static string Rate(double? bytesPerSecond) => bytesPerSecond is null ? "" : Bytes(bytesPerSecond) + "/s";

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Of a connection.</summary>
    /// <param name="serverProcessId">Of a server that this session started.</param>
    public static string State(bool isConnected, bool isSaved, int? serverProcessId) => (isConnected, isSaved) switch
    {
        (true, _) when serverProcessId is { } id => $"open, pid {id}",
        (true, true) => "open, saved",
        (true, false) => "open",
        (false, true) => "saved",
        _ => "not open",
    };

    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => "",
        { TotalMinutes: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.0} s"),
        { TotalDays: < 1 } d => d.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
        { } d => d.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
    };
}
