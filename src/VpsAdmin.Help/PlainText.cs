using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace VpsAdmin.Help;

/// <summary>Markdown as a console shows it: the engine breaks lines itself.</summary>
internal static class PlainText
{
    public static IReadOnlyList<string> Paragraphs(IEnumerable<Block> blocks) => [.. blocks.SelectMany(Of)];

    public static string Code(FencedCodeBlock block) => block.Lines.ToString().ReplaceLineEndings("\n");

    public static string Of(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        foreach (var inline in inlines ?? [])
            Append(text, inline);
        return text.ToString();
    }

    private static IEnumerable<string> Of(Block block) => block switch
    {
        ParagraphBlock paragraph => [Of(paragraph.Inline)],
        FencedCodeBlock code => [Code(code)],
        ListBlock list => list.Cast<ListItemBlock>().Select(static i => "- " + string.Join('\n', Paragraphs(i))),
        _ => throw new FormatException($"Line {block.Line + 1}: help has no place for {block.GetType().Name}."),
    };

    private static void Append(StringBuilder text, Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                text.Append(literal.Content);
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case LineBreakInline:
                text.Append(' ');
                break;
            case AutolinkInline link:
                text.Append(link.Url);
                break;
            case HtmlEntityInline entity:
                text.Append(entity.Transcoded);
                break;
            // A link to another page is a name; one that leads elsewhere is nothing without its address.
            case LinkInline { IsImage: false } link:
                text.Append(Of(link));
                if (link.Url?.Contains("://", StringComparison.Ordinal) == true)
                    text.Append(" (").Append(link.Url).Append(')');
                break;
            case ContainerInline container:
                text.Append(Of(container));
                break;
            default:
                throw new FormatException($"Line {inline.Line + 1}: help has no place for {inline.GetType().Name}.");
        }
    }
}
