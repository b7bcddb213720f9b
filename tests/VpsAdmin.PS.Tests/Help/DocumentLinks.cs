using Markdig.Helpers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>Links of documents to files and headings.</summary>
internal static class DocumentLinks
{
    /// <summary>Those that lead nowhere. What is on other machines is not looked at.</summary>
    public static IEnumerable<string> DeadOf(string document) =>
        from link in ParsedDocument.Read(document).Descendants<LinkInline>()
        let parts = link.Url!.Split('#', 2)
        where !parts[0].Contains("://", StringComparison.Ordinal)
        let target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0])
        where !Path.Exists(target) || (parts.Length > 1 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target).Contains(parts[1]))
        select link.Url;

    /// <summary>As forges make them of headings.</summary>
    private static IEnumerable<string> Anchors(string document) => ParsedDocument.Read(document).Descendants<HeadingBlock>().Select(static h => LinkHelper.UrilizeAsGfm(ParsedDocument.Title(h)));
}
