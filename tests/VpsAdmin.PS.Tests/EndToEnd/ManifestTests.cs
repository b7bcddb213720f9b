using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.PS.Tests.Help;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The manifest of the checkout, as pwsh sees it. PackageTests look at that of the package.</summary>
public sealed class ManifestTests
{
    [Fact]
    public async Task Test_ModuleManifest_finds_nothing_wrong_with_it()
    {
        var script = $$"""
            $ErrorActionPreference = 'Stop'
            $manifest = Test-ModuleManifest '{{Repository.Manifest}}' -WarningVariable warnings
            "$($warnings.Count) $($manifest.CompatiblePSEditions) $($manifest.PowerShellVersion) $([bool]$manifest.LicenseUri) $([bool]$manifest.Description)"
            $manifest.ExportedCmdlets.Keys | Sort-Object
            Import-Module '{{Repository.Manifest}}'
            (Get-Module VpsAdmin).ExportedCommands.Keys | Sort-Object
            """;
        var (code, output, error) = await Pwsh.RunAsync(["-Command", script]);
        Assert.Equal((0, ""), (code, error));
        var cmdlets = CmdletPage.All.Select(static p => p.Cmdlet).Order(StringComparer.OrdinalIgnoreCase).ToList();
        Assert.Equal(["0 Core 7.6 True True", .. cmdlets, .. cmdlets], output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
