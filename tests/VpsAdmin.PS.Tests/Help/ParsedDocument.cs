using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using VpsAdmin.Help;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>A document, read as Markdown.</summary>
internal static class ParsedDocument
{
    public static MarkdownDocument Read(string file) => MarkdownText.Parse(File.ReadAllText(file));

    public static string Title(HeadingBlock heading) =>
        string.Concat(heading.Inline!.Descendants().Select(static i => i switch { LiteralInline text => text.Content.ToString(), CodeInline code => code.Content, _ => "" }));

    /// <summary>Of the first table below a heading, without its head.</summary>
    public static IEnumerable<TableRow> Rows(this MarkdownDocument document, string section) =>
        document.SkipWhile(b => b is not HeadingBlock heading || Title(heading) != section).OfType<Table>().First().OfType<TableRow>().Where(static r => !r.IsHeader);

    /// <summary>The code in a cell.</summary>
    public static IEnumerable<string> Spans(this TableRow row, int column) => row[column].Descendants<CodeInline>().Select(static c => c.Content);

    /// <summary>All that is said in a cell.</summary>
    public static string Text(this TableRow row, int column) => string.Concat(row[column].Descendants<LeafInline>().Select(static i => i switch { LiteralInline text => text.Content.ToString(), CodeInline code => code.Content, _ => "" }));
}
