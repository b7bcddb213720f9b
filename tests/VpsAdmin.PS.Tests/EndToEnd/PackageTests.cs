using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpsAdmin.PS.Tests.Engine;

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
        var (code, output, error) = await RunAsync(Metadata("Shell"), [script, _folder.File("data"), pool],
            new() { ["VPSADMIN_MODULE"] = installed, ["PSModulePath"] = _folder.File("modules") });
        Assert.Equal((0, ""), (code, error));
        Assert.Equal([installed, "Save-VpsSnapshot -Id 4242", "True", "True", "True"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>As Install-PSResource does: a package is a zip, and keeps no modes of files.</summary>
    private async Task<string> InstallAsync()
    {
        var root = Path.GetDirectoryName(EngineSession.Manifest)!;
        var (code, output, error) = await RunAsync("dotnet",
            ["pack", Path.Combine(root, "packaging", "module"), "--no-build", "-c", Metadata("Configuration"), "-o", _folder.File("out"), $"-p:StageDirectory={_folder.File("stage")}/"], []);
        Assert.True(code == 0, output + error);
        var package = Assert.Single(Directory.GetFiles(_folder.File("out"), "VpsAdmin.*.nupkg"));
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

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }

    public void Dispose() => _folder.Dispose();
}
