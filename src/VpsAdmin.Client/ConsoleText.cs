using System.Text.RegularExpressions;

namespace VpsAdmin.Client;

/// <summary>What a system said on its console, made fit to be shown: whoever is root there shall not steer the terminal of who reads it.</summary>
internal static partial class ConsoleText
{
    public static IReadOnlyList<string> Lines(string text)
    {
        var shown = Steering().Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), "").TrimEnd('\n');
        return shown.Length == 0 ? [] : shown.Split('\n');
    }

    /// <summary>Sequences that begin with ESC (ECMA-48: CSI; OSC and others that have text in them; the rest), and what else there is of control characters.</summary>
    [GeneratedRegex(@"\e\[[0-?]*[ -/]*[@-~]|\e[\]PX^_][^\a\e\n]*(?:\a|\e\\)?|\e[ -/]*[0-~]|[\p{Cc}\p{Cf}-[\t\n]]")]
    private static partial Regex Steering();
}
