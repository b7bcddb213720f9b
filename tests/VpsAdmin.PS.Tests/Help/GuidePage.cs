using System.Text.RegularExpressions;
using Markdig.Syntax;
using VpsAdmin.Help;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>A document that people follow from top to bottom.</summary>
internal sealed partial class GuidePage
{

    private GuidePage(string file)
    {
        Name = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
        Blocks = [.. ParsedDocument.Read(file).Descendants<FencedCodeBlock>().Select(b => new GuideBlock(b.Line + 1, b.Info ?? "", b.Lines.ToString(), Mark(b)))];
    }

    public string Name { get; }

    public IReadOnlyList<GuideBlock> Blocks { get; }

    /// <summary>Everything but the cmdlets' pages, whose examples are each run by itself, and the API's, which is made of the server's declarations.</summary>
    public static IReadOnlyList<GuidePage> All { get; } =
        [.. Documents.Markdown(Repository.Root).Select(static f => new GuidePage(f)).Where(static p => !p.Name.StartsWith("docs/cmdlets/", StringComparison.Ordinal) && p.Name != "docs/api.md")];

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
/// <param name="NotRun">Why no test runs it, such as what it would need; null where it is run.</param>
internal sealed record GuideBlock(int Line, string Language, string Text, string? NotRun)
{
    public bool IsRun => NotRun is null && Language is "powershell" or "sh" or "crontab";
}
