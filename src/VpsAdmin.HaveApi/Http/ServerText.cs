using System.Text;

namespace VpsAdmin.HaveApi.Http;

/// <summary>Text from a server, made fit for people's terminals.</summary>
internal static class ServerText
{
    /// <summary>Control characters (escape sequences among them) and runs of blanks become one blank; cut at <paramref name="max"/> characters.</summary>
    public static string Printable(string text, int max)
    {
        var clean = new StringBuilder(Math.Min(text.Length, max));
        foreach (var rune in text.EnumerateRunes())
        {
            var blank = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune);
            if (blank && (clean.Length == 0 || clean[^1] == ' '))
                continue;
            if (clean.Length >= max)
                return clean.Append('…').ToString();
            clean.Append(blank ? " " : rune.ToString());
        }
        return clean.ToString().TrimEnd();
    }
}
