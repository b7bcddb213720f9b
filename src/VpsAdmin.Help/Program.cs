using VpsAdmin.Help;

switch (args)
{
    case [var root]:
        foreach (var (file, text) in Documents.Of(root))
            File.WriteAllText(file, text);
        return 0;
    case [var root, "--package", var folder]:
        foreach (var (path, text) in PackagedDocuments.Of(root))
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        return 0;
    default:
        Console.Error.WriteLine("""
            Usage: vpsadmin-help ROOT                    makes en-US and docs/guides/troubleshooting.md of docs/cmdlets.
                   vpsadmin-help ROOT --package FOLDER   writes the documents that go with the module, and its help.
            """);
        return 2;
}
