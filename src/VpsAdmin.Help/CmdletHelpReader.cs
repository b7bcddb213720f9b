using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using YamlDotNet.Core;

namespace VpsAdmin.Help;

/// <summary>Reads a page in the Markdown of PlatyPS (schema 2024-05-01).</summary>
internal static partial class CmdletHelpReader
{
    private const string DefaultSet = " (Default)";

    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <exception cref="FormatException">The page is not of that form.</exception>
    public static CmdletHelp Read(string file)
    {
        try
        {
            return Parse(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file));
        }
        catch (Exception e) when (e is FormatException or YamlException or KeyNotFoundException or InvalidCastException)
        {
            throw new FormatException($"'{file}' is not the page of a cmdlet: {e.Message}", e);
        }
    }

    private static CmdletHelp Parse(string name, string text)
    {
        var blocks = Markdig.Markdown.Parse(text, Markdown).Where(static b => b is not YamlFrontMatterBlock);
        var sections = Under(2, blocks).ToDictionary(static s => s.Title, static s => s.Blocks);
        return new CmdletHelp(name)
        {
            Synopsis = string.Join(' ', PlainText.Paragraphs(sections["SYNOPSIS"])),
            Syntax = [.. Under(3, sections["SYNTAX"]).OrderByDescending(static s => IsDefault(s.Title)).Select(Syntax)],
            Description = PlainText.Paragraphs(sections["DESCRIPTION"]),
            Examples = [.. Under(3, sections["EXAMPLES"]).Select(Example)],
            Parameters = [.. Under(3, sections["PARAMETERS"]).Where(static p => p.Title.StartsWith('-')).Select(Parameter)],
            Inputs = [.. Under(3, sections["INPUTS"]).Select(Type)],
            Outputs = [.. Under(3, sections["OUTPUTS"]).Select(Type)],
            Notes = PlainText.Paragraphs(sections["NOTES"]),
            Links = [.. sections["RELATED LINKS"].SelectMany(static b => b.Descendants<LinkInline>()).Select(static l => PlainText.Of(l))],
        };
    }

    /// <summary>What stands below each heading of a level.</summary>
    private static IEnumerable<(string Title, IReadOnlyList<Block> Blocks)> Under(int level, IEnumerable<Block> blocks)
    {
        string? title = null;
        List<Block> found = [];
        foreach (var block in blocks)
        {
            if (block is not HeadingBlock heading || heading.Level != level)
            {
                found.Add(block);
                continue;
            }
            if (title is not null)
                yield return (title, found);
            title = PlainText.Of(heading.Inline);
            found = [];
        }
        if (title is not null)
            yield return (title, found);
    }

    private static bool IsDefault(string title) => title.EndsWith(DefaultSet, StringComparison.Ordinal);

    private static HelpSyntax Syntax((string Title, IReadOnlyList<Block> Blocks) part) => new(
        IsDefault(part.Title) ? part.Title[..^DefaultSet.Length] : part.Title,
        [.. ParameterInSyntax().Matches(PlainText.Code((FencedCodeBlock)part.Blocks[0])).Select(static m => m.Groups[1].Value)]);

    private static HelpExample Example((string Title, IReadOnlyList<Block> Blocks) part)
    {
        var code = part.Blocks.OfType<FencedCodeBlock>().First();
        return new(part.Title, PlainText.Code(code), PlainText.Paragraphs(part.Blocks.Where(b => b != code)));
    }

    private static HelpParameter Parameter((string Title, IReadOnlyList<Block> Blocks) part) =>
        new(part.Title[1..], ParameterFacts.Parse(PlainText.Code((FencedCodeBlock)part.Blocks[^1])), PlainText.Paragraphs(part.Blocks.SkipLast(1)));

    private static HelpType Type((string Title, IReadOnlyList<Block> Blocks) part) => new(part.Title, PlainText.Paragraphs(part.Blocks));

    [GeneratedRegex(@"[ [\n]-(\w+)")]
    private static partial Regex ParameterInSyntax();
}
