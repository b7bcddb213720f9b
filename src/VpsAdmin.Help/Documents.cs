namespace VpsAdmin.Help;

/// <summary>The repository's documents, and what is made of the cmdlets' pages.</summary>
internal static class Documents
{
    /// <param name="root">Folder of the repository.</param>
    /// <returns>Paths of all that people read.</returns>
    public static IReadOnlyList<string> Markdown(string root) =>
        [.. Directory.GetFiles(root, "*.md"), .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories), .. Directory.GetFiles(Path.Combine(root, "tests", "Lab"), "*.md")];

    /// <param name="root">Folder of the repository.</param>
    /// <returns>Paths, and what the files hold.</returns>
    /// <exception cref="FormatException">A page is not in PlatyPS's Markdown; the message names it.</exception>
    public static IReadOnlyList<(string Path, string Text)> Of(string root)
    {
        var cmdlets = Directory.GetFiles(Path.Combine(root, "docs", "cmdlets"), "*.md").Order(StringComparer.Ordinal).Select(CmdletHelpReader.Read).ToList();
        return
        [
            (Path.Combine(root, "en-US", "VpsAdmin.PS.dll-Help.xml"), MamlFile.Of(cmdlets)),
            (Path.Combine(root, "docs", "guides", "troubleshooting.md"), TroubleshootingPage.Of(cmdlets)),
        ];
    }
}
