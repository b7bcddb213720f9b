using System.Text;
using System.Text.RegularExpressions;

namespace VpsAdmin.Help;

/// <summary>Every error that a page names, by its id: what it means, and for which cmdlets.</summary>
internal static partial class TroubleshootingPage
{
    /// <summary>More cmdlets than that are not worth reading.</summary>
    private const int Named = 6;

    private const string Head = """
        # Troubleshooting

        An error's id is the first part of its `FullyQualifiedErrorId`, stable, and what scripts should test for. When a backup that was made before fails:

        ```powershell
        Backup-VpsDataset -Filesystem backup/vps101 -ErrorVariable failures
        $failures.FullyQualifiedErrorId
        ```

        The message says what happened and to what; `$Error[0].ErrorDetails.RecommendedAction` what to do next. Exit codes are in
        [about_VpsAdmin_Backup](../../en-US/about_VpsAdmin_Backup.help.txt). This page is made of what the cmdlets' pages say of their errors, which is every error that there is.

        """;

    public static string Of(IEnumerable<CmdletHelp> cmdlets)
    {
        var errors = from cmdlet in cmdlets
                     from note in cmdlet.Notes
                     let error = Error().Match(note)
                     where error.Success
                     group cmdlet.Name by (Id: error.Groups[1].Value, Meaning: error.Groups[2].Value) into same
                     group same by same.Key.Id into meanings
                     orderby meanings.Key
                     select meanings;
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var error in errors)
        {
            text.Append($"\n## {error.Key}\n\n");
            foreach (var meaning in error)
                text.Append($"* {meaning.Key.Meaning}\n  ({Names([.. meaning])})\n");
        }
        return text.ToString();
    }

    private static string Names(string[] cmdlets) =>
        cmdlets.Length > Named ? "most cmdlets" : string.Join(", ", cmdlets.Select(static c => $"[{c}](../cmdlets/{c}.md)"));

    [GeneratedRegex(@"^- (\w+): (.+)$", RegexOptions.Singleline)]
    private static partial Regex Error();
}
