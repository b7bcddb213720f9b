using System.Globalization;
using System.Text;

namespace VpsAdmin.Transfer;

/// <summary>A server's file name made safe to create here: one component, no control characters, no reserved Windows names, bounded.</summary>
public static class SafeFileName
{
    /// <summary>Most file systems allow 255 bytes; a part file and its sidecar need some for their own endings.</summary>
    private const int MostBytes = 200;

    private const string NotInNames = "<>:\"|?*";

    private static readonly string[] ReservedOnWindows = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <exception cref="TransferException"><see cref="TransferFailure.BadResponse"/> when nothing usable remains.</exception>
    public static string From(string serverName)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        var last = serverName[(serverName.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        // No hidden files; Windows drops dots and blanks at the end silently, so that two names would be one.
        var name = Bound(Replace(last).TrimStart('.', ' ')).TrimEnd('.', ' ');
        if (name.All(static c => c == '_'))
            throw new TransferException(TransferFailure.BadResponse, "The server's name of the file has nothing in it that can be a file name. Name the output file yourself.");
        return IsReserved(name) || name[0] == '-' ? "_" + name : name;
    }

    private static string Replace(string name)
    {
        var safe = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var unfit = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                || rune == Rune.ReplacementChar
                || (rune.IsAscii && NotInNames.Contains((char)rune.Value, StringComparison.Ordinal));
            safe.Append(unfit ? "_" : rune.ToString());
        }
        return safe.ToString();
    }

    /// <summary>Shortens the stem: the ending (<c>.inc.dat.gz</c>) tells what the file is.</summary>
    private static string Bound(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MostBytes)
            return name;
        var ending = name.Length > 20 ? name[^20..] : "";
        var dot = ending.IndexOf('.', StringComparison.Ordinal);
        ending = dot < 0 ? "" : ending[dot..];
        var stem = new StringBuilder();
        var left = MostBytes - Encoding.UTF8.GetByteCount(ending);
        foreach (var rune in name[..^ending.Length].EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            stem.Append(rune);
        }
        return stem.Append(ending).ToString();
    }

    private static bool IsReserved(string name)
    {
        var stem = name.Split('.')[0].TrimEnd(' ');
        return ReservedOnWindows.Contains(stem, StringComparer.OrdinalIgnoreCase)
            || (stem.Length == 4
                && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
                && "0123456789¹²³".Contains(stem[3], StringComparison.Ordinal));
    }
}
