using VpsAdmin.Help;

if (args is not [var root])
{
    Console.Error.WriteLine("Usage: vpsadmin-help ROOT   makes en-US and docs/guides/troubleshooting.md of docs/cmdlets.");
    return 2;
}
foreach (var (file, text) in Documents.Of(root))
    File.WriteAllText(file, text);
return 0;
