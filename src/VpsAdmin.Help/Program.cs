using VpsAdmin.Help;

if (args is not [var pages, var file])
{
    Console.Error.WriteLine("Usage: vpsadmin-help PAGES FILE   writes what Get-Help reads, FILE, from the pages of the cmdlets.");
    return 2;
}
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
File.WriteAllText(file, MamlFile.OfPages(pages));
return 0;
