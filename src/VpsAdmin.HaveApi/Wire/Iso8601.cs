using System.Globalization;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>The Datetime type: <c>…Z</c>, <c>…+00:00</c>, and the <c>…+0000</c> of old servers' tokens (spec/haveapi 4).</summary>
public static class Iso8601
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
    ];

    /// <param name="time">In UTC; a time without zone is UTC.</param>
    public static bool TryParse(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
