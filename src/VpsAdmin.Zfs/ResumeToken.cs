using System.Globalization;

namespace VpsAdmin.Zfs;

/// <summary>What a partial receive is a part of.</summary>
/// <param name="ToGuid">Guid of the snapshot that would have come of it.</param>
/// <param name="ToName">Its full name where it was sent from; empty when zfs did not tell.</param>
public sealed record ResumeToken(ulong ToGuid, string ToName)
{
    /// <summary>Reads what <c>zfs send -nvt</c> prints: a name and a value a line, numbers in hexadecimal.</summary>
    internal static ResumeToken? Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(" = ", 2, StringSplitOptions.TrimEntries) is [var name, var value])
                values.TryAdd(name, value);
        }
        return values.TryGetValue("toguid", out var guid)
            && ulong.TryParse(guid.StartsWith("0x", StringComparison.Ordinal) ? guid[2..] : guid, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                ? new ResumeToken(number, values.GetValueOrDefault("toname", ""))
                : null;
    }
}
