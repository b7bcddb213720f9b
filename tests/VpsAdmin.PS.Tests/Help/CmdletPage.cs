using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>A page of docs/cmdlets, in the Markdown of PlatyPS.</summary>
internal sealed partial class CmdletPage
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "cmdlets");

    private readonly string _text;

    private CmdletPage(string file)
    {
        Cmdlet = Path.GetFileNameWithoutExtension(file);
        _text = File.ReadAllText(file).ReplaceLineEndings("\n");
    }

    public string Cmdlet { get; }

    public static IReadOnlyList<CmdletPage> All { get; } = [.. Directory.GetFiles(Folder, "*.md").Order(StringComparer.Ordinal).Select(f => new CmdletPage(f))];

    public string FrontMatter => FrontMatterPattern().Match(_text).Groups[1].Value;

    public IReadOnlyList<string> Sections => [.. SectionPattern().Matches(_text).Select(m => m.Groups[1].Value)];

    /// <summary>What is under the headings of the third level in a section, by heading.</summary>
    public IReadOnlyDictionary<string, string> Parts(string section) =>
        PartPattern().Matches(Section(section)).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

    /// <summary>The text of the fenced block in a part.</summary>
    public static string Code(string part, string language) =>
        Regex.Match(part, $@"^```{language}\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

    public IEnumerable<string> ErrorIds => ErrorPattern().Matches(Section("NOTES")).Select(m => m.Groups[1].Value);

    public IEnumerable<string> Links => LinkPattern().Matches(Section("RELATED LINKS")).Select(m => m.Groups[1].Value);

    public override string ToString() => Cmdlet;

    private string Section(string name) => Regex.Match(_text + "\n## ", $@"^## {name}\n(.*?)(?=\n## )", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

    [GeneratedRegex(@"\A---\n(.*?)\n---\n", RegexOptions.Singleline)]
    private static partial Regex FrontMatterPattern();

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex SectionPattern();

    [GeneratedRegex(@"^### (.+?)\n(.*?)(?=^### |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex PartPattern();

    [GeneratedRegex(@"^- `(\w+)`: ", RegexOptions.Multiline)]
    private static partial Regex ErrorPattern();

    [GeneratedRegex(@"\]\(([\w-]+)\.md\)")]
    private static partial Regex LinkPattern();
}
