namespace VpsAdmin.Help;

/// <summary>The repository's documents, and what is made of the cmdlets' pages.</summary>
internal static class Documents
{
    private static readonly string[] Folders = ["docs", "packaging", "src", "tests"];

    /// <param name="root">Folder of the repository.</param>
    /// <returns>Paths of all that people read.</returns>
    public static IReadOnlyList<string> Markdown(string root) =>
        [.. Directory.GetFiles(root, "*.md"), .. Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.md", SearchOption.AllDirectories)).Where(static f => !Made(f)).Order(StringComparer.Ordinal)];

    /// <summary>Whether a file is what a build has put there.</summary>
    private static bool Made(string file) => file.Split(Path.DirectorySeparatorChar).Any(static folder => folder is "bin" or "obj");

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
