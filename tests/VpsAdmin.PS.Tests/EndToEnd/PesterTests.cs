using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The tests of <c>tests/Pester</c>, in pwsh.</summary>
public sealed class PesterTests : IDisposable
{
    private const string Version = "6.2.0";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task They_pass_in_pwsh()
    {
        var root = Path.GetDirectoryName(EngineSession.Manifest)!;
        var (pwsh, reason) = await PwshTool.FindAsync(root, TestContext.Current.CancellationToken);
        Assert.SkipWhen(pwsh is null, reason);
        Directory.CreateDirectory(_folder.File("modules"));
        Directory.CreateDirectory(_folder.File("home"));
        var (code, output, error) = await RunAsync(pwsh!, $"""
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name nuget -Uri https://api.nuget.org/v3/index.json -Trusted
            Save-PSResource Pester -Version {Version} -Repository nuget -Path '{_folder.File("modules")}'
            """);
        Assert.SkipWhen(code != 0, $"There is no Pester {Version} here: {output}{error}");

        (code, output, error) = await RunAsync(pwsh!, $"""
            $ErrorActionPreference = 'Stop'
            Import-Module (Get-ChildItem '{_folder.File("modules")}' -Recurse -Filter Pester.psd1)[0].FullName
            Invoke-Pester '{Path.Combine(root, "tests", "Pester")}' -CI
            """);
        Assert.True(code == 0, output + error);
        Assert.Matches("Tests Passed: [1-9]", output);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Code, string Output, string Error)> RunAsync(string pwsh, string script)
    {
        var file = _folder.File("run.ps1");
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        // In the folder, as Pester writes its results where it is run.
        return await ProgramRun.RunAsync("dotnet", [pwsh, "-NoProfile", "-NonInteractive", "-WorkingDirectory", _folder.File("modules"), "-File", file],
            new() { ["HOME"] = _folder.File("home"), ["NO_COLOR"] = "1" });
    }
}
