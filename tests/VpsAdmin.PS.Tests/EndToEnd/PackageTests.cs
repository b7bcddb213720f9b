using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.PS.Tests.Help;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The package, installed in a module path where nothing else of ours is.</summary>
public sealed class PackageTests(LabFixture lab) : IDisposable
{
    private readonly TemporaryFolder _folder = new();


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
        var (code, output, error) = await ProgramRun.RunAsync(Repository.Shell, [script, _folder.File("data"), pool],
            new Dictionary<string, string> { ["VPSADMIN_MODULE"] = installed, ["PSModulePath"] = _folder.File("modules") });
        Assert.Equal((0, ""), (code, error));
        Assert.Equal([installed, "Save-VpsSnapshot -Id 4242", "True", "True", "True"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Its_documents_are_those_of_its_users_and_lead_nowhere_but_to_what_is_in_it()
    {
        var installed = await InstallAsync();
        var documents = Directory.GetFiles(installed, "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(installed, f)).ToList();
        Assert.Equal(
            ["CHANGELOG.md", "README.md", "SECURITY.md", "docs/api.md", "docs/deployment.md", "docs/node.md", "docs/server.md", "docs/vps.md", "docs/web.md"],
            documents.Where(static d => Path.GetDirectoryName(d) is not ("docs/guides" or "docs/cmdlets")).Order(StringComparer.Ordinal));
        Assert.Contains("docs/guides/first-backup.md", documents);
        var readme = await File.ReadAllTextAsync(Path.Combine(installed, "README.md"), Cancel);
        Assert.All((string[])["docs/guides/first-backup.md", "docs/pictures/backup.svg", "docs/cmdlets", "LICENSE"], file => Assert.Contains($"]({file})", readme, StringComparison.Ordinal));
        Assert.All(documents, document => Assert.Empty(DocumentLinks.DeadOf(Path.Combine(installed, document))));
    }

    [Fact]
    public async Task Install_PSResource_takes_it_and_pwsh_finds_nothing_wrong_with_it()
    {
        var reason = await Pwsh.ReasonAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
        var package = await PackAsync();
        var script = _folder.File("install.ps1");
        Directory.CreateDirectory(_folder.File("home"));
        var install = GuidePage.All.Single(static p => p.Name == "README.md").Blocks.Single(static b => b.Text.Contains("Install-PSResource", StringComparison.Ordinal)).Text;
        Assert.Contains(" ./out ", install, StringComparison.Ordinal);
        await File.WriteAllTextAsync(script, $$"""
            $ErrorActionPreference = 'Stop'
            {{install.Replace(" ./out ", $" '{Path.GetDirectoryName(package)}' ", StringComparison.Ordinal)}}
            Import-Module VpsAdmin
            $module = Get-Module VpsAdmin
            $module.ModuleBase
            $manifest = Test-ModuleManifest (Join-Path $module.ModuleBase VpsAdmin.psd1)
            $manifest.ExportedCmdlets.Count -eq $module.ExportedCmdlets.Count
            (Get-Help Save-VpsSnapshot -Full | Out-String).Contains('-MaxRate')
            try { Get-VpsBackup no/such/pool } catch { $_.FullyQualifiedErrorId }
            """, Cancel);
        var (code, output, error) = await Pwsh.RunAsync(["-File", script], new Dictionary<string, string> { ["HOME"] = _folder.File("home"), ["DOTNET_CLI_HOME"] = _folder.File("home") });
        Assert.True(code == 0, output + error);
        var version = Version(Repository.Manifest).Number;
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
            ["pack", Path.Combine(Repository.Root, "packaging", "module"), "--no-build", "-c", Repository.Configuration, "-o", _folder.File("out"), $"-p:StageDirectory={_folder.File("stage")}/"]);
        Assert.True(code == 0, output + error);
        return Assert.Single(Directory.GetFiles(_folder.File("out"), "VpsAdmin.*.nupkg"));
    }

    /// <summary>Package and manifest say one version, and that is one of the series that the manifest in the repository names.</summary>
    private static void AssertVersion(string package, string installed)
    {
        var (version, prerelease) = Version(Path.Combine(installed, "VpsAdmin.psd1"));
        Assert.Equal("VpsAdmin." + version + (prerelease.Length > 0 ? "-" + prerelease : "") + ".nupkg", Path.GetFileName(package));
        var series = Version(Repository.Manifest).Number.Split('.')[..2];
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


    public void Dispose() => _folder.Dispose();
}
