using System.IO.Compression;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The package, installed in a module path where nothing else of ours is.</summary>
public sealed class PackageTests(LabFixture lab) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Root => Path.GetDirectoryName(EngineSession.Manifest)!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unpacked_in_a_module_path_it_is_found_by_name_has_its_help_and_runs_a_server()
    {
        using var other = await lab.ConnectAsync();
        var installed = await InstallAsync();
        var pool = $"{lab.TargetPool}/package";
        Zfs.Run("create", pool);
        var script = _folder.File("use.ps1");
        await File.WriteAllTextAsync(script, """
            param($Data, $Pool)
            $ErrorActionPreference = 'Stop'
            Remove-Module VpsAdmin
            Import-Module VpsAdmin
            (Get-Module VpsAdmin).ModuleBase
            (Get-Help Save-VpsSnapshot -Examples).Examples.Example[0].Code
            (Get-Help about_VpsAdmin).Length -gt 100
            (Get-Module VpsAdmin).ReleaseNotes.StartsWith('### Added')
            $server = Start-VpsAdminServer $Data $Pool
            $vps = New-Vps -Hostname packaged
            (New-VpsSnapshot -Dataset (Get-VpsDataset -Vps $vps.Id)).IsConfirmed
            $server | Stop-VpsAdminServer
            """, Cancel);
        var (code, output, error) = await ProgramRun.RunAsync(Metadata("Shell"), [script, _folder.File("data"), pool],
            new() { ["VPSADMIN_MODULE"] = installed, ["PSModulePath"] = _folder.File("modules") });
        Assert.Equal((0, ""), (code, error));
        Assert.Equal([installed, "Save-VpsSnapshot -Id 4242", "True", "True", "True"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Install_PSResource_takes_it_and_pwsh_finds_nothing_wrong_with_it()
    {
        var (pwsh, reason) = await PwshTool.FindAsync(Root, Cancel);
        Assert.SkipWhen(pwsh is null, reason);
        var package = await PackAsync();
        var script = _folder.File("install.ps1");
        Directory.CreateDirectory(_folder.File("home"));
        await File.WriteAllTextAsync(script, """
            param($Feed)
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name here -Uri $Feed -Trusted
            Install-PSResource VpsAdmin -Repository here -Prerelease
            Import-Module VpsAdmin
            $module = Get-Module VpsAdmin
            $module.ModuleBase
            $manifest = Test-ModuleManifest (Join-Path $module.ModuleBase VpsAdmin.psd1)
            $manifest.ExportedCmdlets.Count -eq $module.ExportedCmdlets.Count
            (Get-Help Save-VpsSnapshot -Full | Out-String).Contains('-MaxRate')
            try { Get-VpsBackup no/such/pool } catch { $_.FullyQualifiedErrorId }
            """, Cancel);
        var (code, output, error) = await ProgramRun.RunAsync("dotnet", [pwsh!, "-NoProfile", "-NonInteractive", "-File", script, Path.GetDirectoryName(package)!],
            new() { ["HOME"] = _folder.File("home"), ["DOTNET_CLI_HOME"] = _folder.File("home") });
        Assert.True(code == 0, output + error);
        var version = Version(EngineSession.Manifest).Number;
        Assert.Equal([_folder.File($"home/.local/share/powershell/Modules/VpsAdmin/{version}"), "True", "True", "ZfsNotFound,VpsAdmin.PS.Commands.GetVpsBackupCommand"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>As Install-PSResource does: a package is a zip, and keeps no modes of files.</summary>
    private async Task<string> InstallAsync()
    {
        var package = await PackAsync();
        var installed = _folder.File("modules/VpsAdmin");
        await ZipFile.ExtractToDirectoryAsync(package, installed, Cancel);
        // What an installer takes away.
        Directory.Delete(Path.Combine(installed, "_rels"), recursive: true);
        Directory.Delete(Path.Combine(installed, "package"), recursive: true);
        var files = Directory.GetFiles(installed, "*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, static f => Path.GetExtension(f) == ".pdb" || f.Contains("Tests", StringComparison.Ordinal));
        AssertVersion(package, installed);
        AssertShownByFeeds(Path.Combine(installed, "VpsAdmin.nuspec"));
        return installed;
    }

    /// <returns>The package.</returns>
    private async Task<string> PackAsync()
    {
        var (code, output, error) = await ProgramRun.RunAsync("dotnet",
            ["pack", Path.Combine(Root, "packaging", "module"), "--no-build", "-c", Metadata("Configuration"), "-o", _folder.File("out"), $"-p:StageDirectory={_folder.File("stage")}/"], []);
        Assert.True(code == 0, output + error);
        return Assert.Single(Directory.GetFiles(_folder.File("out"), "VpsAdmin.*.nupkg"));
    }

    /// <summary>Package and manifest say one version, and that is one of the series that the manifest in the repository names.</summary>
    private static void AssertVersion(string package, string installed)
    {
        var (version, prerelease) = Version(Path.Combine(installed, "VpsAdmin.psd1"));
        Assert.Equal("VpsAdmin." + version + (prerelease.Length > 0 ? "-" + prerelease : "") + ".nupkg", Path.GetFileName(package));
        var series = Version(EngineSession.Manifest).Number.Split('.')[..2];
        Assert.Equal(series, version.Split('.')[..2]);
    }

    /// <summary>What a feed shows of it: the licence, the page, and what is new.</summary>
    private static void AssertShownByFeeds(string nuspec)
    {
        var package = XDocument.Load(nuspec).Root!;
        string Of(string name) => package.Descendants().Single(e => e.Name.LocalName == name).Value;
        Assert.Equal("MIT", Of("license"));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(nuspec)!, Of("readme"))));
        Assert.StartsWith("### Added", Of("releaseNotes"), StringComparison.Ordinal);
        Assert.Contains("PSModule", Of("tags").Split(' '));
    }

    private static (string Number, string Prerelease) Version(string manifest)
    {
        var text = File.ReadAllText(manifest);
        return (Regex.Match(text, "ModuleVersion += '([^']+)'").Groups[1].Value, Regex.Match(text, "Prerelease += '([^']+)'").Groups[1].Value);
    }

    private static string Metadata(string key) => typeof(PackageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    public void Dispose() => _folder.Dispose();
}
