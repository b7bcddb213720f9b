using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace VpsAdmin.Help;

/// <summary>What goes with the module besides its assemblies: what its users read, with the links that lead somewhere there. What is in the repository alone is only named.</summary>
internal static class PackagedDocuments
{
    // A page that is not named here is of the people who work on the project, or of numbers.
    private static readonly string[] Documents =
    [
        "README.md", "CHANGELOG.md", "SECURITY.md",
        "docs/api.md", "docs/deployment.md", "docs/node.md", "docs/server.md", "docs/vps.md", "docs/web.md", "docs/guides/*.md", "docs/cmdlets/*.md",
    ];

    /// <summary>What documents link to, and what Get-Help shows, as it is.</summary>
    private static readonly string[] Beside = ["LICENSE", "docs/pictures/*.svg", "en-US/*"];

    /// <param name="root">Folder of the repository.</param>
    /// <returns>Paths in the package, with slashes, and texts.</returns>
    public static IReadOnlyList<(string Path, string Text)> Of(string root)
    {
        string[] documents = [.. Documents.SelectMany(d => Find(root, d))];
        string[] files = [.. documents, .. Beside.SelectMany(b => Find(root, b))];
        return [.. files.Select((file, i) => (file, i < documents.Length ? WithLinksTo(files, file, Read(root, file)) : Read(root, file)))];
    }

    private static string Read(string root, string file) => File.ReadAllText(Path.Combine(root, file));

    /// <summary>Files of a folder, where the last part is a pattern; one file, which has to be there, where it is none.</summary>
    private static IEnumerable<string> Find(string root, string path)
    {
        var (folder, pattern) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        return pattern.Contains('*', StringComparison.Ordinal)
            ? Directory.GetFiles(Path.Combine(root, folder), pattern).Select(f => $"{folder.Replace('\\', '/')}/{Path.GetFileName(f)}").Order(StringComparer.Ordinal)
            : [path];
    }

    /// <param name="files">What is there.</param>
    /// <param name="document">One of them.</param>
    /// <returns>The document, where only the words are left of links to what is not there.</returns>
    private static string WithLinksTo(IReadOnlyCollection<string> files, string document, string text)
    {
        var result = new StringBuilder(text);
        // From the end: places stay as they were found.
        foreach (var (start, length) in MarkdownText.Parse(text).Descendants<LinkInline>().Where(l => !Leads(files, document, l.Url!)).SelectMany(l => Marks(text, l)).OrderByDescending(static m => m.Start))
            result.Remove(start, length);
        return result.ToString();
    }

    /// <summary>What is in front of a link's words, and behind them.</summary>
    private static IEnumerable<(int Start, int Length)> Marks(string text, LinkInline link)
    {
        var behind = text.LastIndexOf("](", link.Span.End, StringComparison.Ordinal);
        return [(link.Span.Start, link.IsImage ? "![".Length : "[".Length), (behind, link.Span.End + 1 - behind)];
    }

    private static bool Leads(IReadOnlyCollection<string> files, string document, string target)
    {
        var path = target.Split('#')[0];
        if (path.Length == 0 || target.Contains("://", StringComparison.Ordinal))
            return true;
        // As an address: a folder is what its files begin with.
        var place = new Uri(new Uri("file:///" + document), path).AbsolutePath.TrimStart('/');
        return files.Contains(place) || files.Any(f => f.StartsWith(place.TrimEnd('/') + "/", StringComparison.Ordinal));
    }
}
