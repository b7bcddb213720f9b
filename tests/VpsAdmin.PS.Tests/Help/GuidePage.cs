using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>A document that people follow from top to bottom.</summary>
internal sealed partial class GuidePage
{
    public static readonly string Root = Path.GetDirectoryName(EngineSession.Manifest)!;

    private GuidePage(string file)
    {
        Name = Path.GetRelativePath(Root, file);
        Blocks = [.. Markdown.Parse(File.ReadAllText(file)).Descendants<FencedCodeBlock>().Select(static b => new GuideBlock(b.Line + 1, b.Info ?? "", b.Lines.ToString(), Mark(b)))];
    }

    public string Name { get; }

    public IReadOnlyList<GuideBlock> Blocks { get; }

    /// <summary>README and the guides, and how to work on the project.</summary>
    public static IReadOnlyList<GuidePage> All { get; } =
        [.. ((string[])["README.md", "CONTRIBUTING.md"]).Select(static n => Path.Combine(Root, n)).Concat(Directory.GetFiles(Path.Combine(Root, "docs", "guides"), "*.md").Order(StringComparer.Ordinal)).Select(static f => new GuidePage(f))];

    /// <summary>A comment before a block, which readers do not see.</summary>
    private static string? Mark(FencedCodeBlock block)
    {
        var place = block.Parent!.IndexOf(block);
        return place > 0 && block.Parent[place - 1] is HtmlBlock comment && NotRun().Match(comment.Lines.ToString()) is { Success: true } mark ? mark.Groups[1].Value : null;
    }

    [GeneratedRegex("^<!-- Not run: (.+) -->$")]
    private static partial Regex NotRun();
}

/// <param name="Line">Where it begins.</param>
/// <param name="Language">As said behind the fence.</param>
/// <param name="NotRun">What it would need that no test has; null where it is run.</param>
internal sealed record GuideBlock(int Line, string Language, string Text, string? NotRun)
{
    /// <summary>Whether it builds, tests or starts the project itself, which the tests are part of.</summary>
    public bool IsOfTheProject => Language == "sh" && Text.Split('\n').Any(static l => l.StartsWith("dotnet ", StringComparison.Ordinal));

    public bool IsRun => NotRun is null && !IsOfTheProject && Language is "powershell" or "sh" or "crontab";
}
