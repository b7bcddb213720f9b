namespace VpsAdmin.Shell.Tests;

/// <summary>A temporary folder with a small VpsAdmin module of scripts and one view, and whatever scripts a test adds.</summary>
public sealed class TinyModule : IDisposable
{
    public TinyModule()
    {
        Folder = Directory.CreateTempSubdirectory("vpsadmin-shell-").FullName;
        Write("VpsAdmin.psd1", """
            @{
                RootModule = 'VpsAdmin.psm1'
                ModuleVersion = '1.0'
                FunctionsToExport = @('Get-Thing', 'Get-Bytes', 'Set-Size')
                FormatsToProcess = @('VpsAdmin.Format.ps1xml')
            }
            """);
        Write("VpsAdmin.psm1", """
            function Get-Thing { [PSCustomObject]@{ PSTypeName = 'Tiny.Thing'; Name = 'alpha'; Size = 5; Hidden = 'secret' } }
            function Set-Size { [CmdletBinding()] param([ValidateRange(1, 9)] [int] $Size) }
            function Get-Bytes { , [byte[]](0, 255, 10, 13); , [byte[]](1, 2) }
            """);
        Write("VpsAdmin.Format.ps1xml", """
            <Configuration><ViewDefinitions><View><Name>thing</Name>
              <ViewSelectedBy><TypeName>Tiny.Thing</TypeName></ViewSelectedBy>
              <TableControl>
                <TableHeaders>
                  <TableColumnHeader><Label>THING</Label></TableColumnHeader>
                  <TableColumnHeader><Label>SIZE</Label></TableColumnHeader>
                </TableHeaders>
                <TableRowEntries><TableRowEntry><TableColumnItems>
                  <TableColumnItem><PropertyName>Name</PropertyName></TableColumnItem>
                  <TableColumnItem><PropertyName>Size</PropertyName></TableColumnItem>
                </TableColumnItems></TableRowEntry></TableRowEntries>
              </TableControl>
            </View></ViewDefinitions></Configuration>
            """);
    }

    public string Folder { get; }

    /// <returns>The file's path.</returns>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
