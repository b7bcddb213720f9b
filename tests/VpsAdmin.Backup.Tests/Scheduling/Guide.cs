using System.Reflection;
using System.Text.RegularExpressions;

namespace VpsAdmin.Backup.Tests.Scheduling;

/// <summary>docs/guides/scheduled-backups.md.</summary>
internal static partial class Guide
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(
        typeof(Guide).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!, "docs", "guides", "scheduled-backups.md")).ReplaceLineEndings("\n");

    /// <summary>Contents of the fenced blocks, each with its last line's end.</summary>
    public static IReadOnlyList<string> Blocks() => [.. Fenced().Matches(Text).Select(static m => m.Groups[1].Value)];

    [GeneratedRegex(@"^```\w*\n(.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
