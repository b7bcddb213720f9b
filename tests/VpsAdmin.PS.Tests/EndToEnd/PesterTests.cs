using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>The tests of <c>tests/Pester</c>, in pwsh, with the Pester that they require.</summary>
public sealed partial class PesterTests : IDisposable
{
    private static readonly Uri Feed = new("https://api.nuget.org/v3/index.json");
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Pester");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>By each of the files.</summary>
    private static IReadOnlyList<string> Versions => [.. Directory.GetFiles(Folder, "*.Tests.ps1").Select(static f => Required().Match(File.ReadAllText(f)).Groups[1].Value)];

    [Fact]
    public void The_workflow_installs_the_version_that_they_require()
    {
        Assert.NotEmpty(Versions);
        Assert.All(Versions, static v => Assert.Contains($"Install-PSResource Pester -Version {v} ", File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", "ci.yml")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_pass_in_pwsh()
    {
        var reason = await Pwsh.ReasonAsync() ?? await UnreachableAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
        Directory.CreateDirectory(_folder.File("modules"));
        Directory.CreateDirectory(_folder.File("home"));
        var (code, output, error) = await RunAsync($"""
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name nuget -Uri {Feed} -Trusted
            Save-PSResource Pester -Version {Versions[0]} -Repository nuget -Path '{_folder.File("modules")}'
            Import-Module (Get-ChildItem '{_folder.File("modules")}' -Recurse -Filter Pester.psd1)[0].FullName
            Invoke-Pester '{Folder}' -CI
            """);
        Assert.True(code == 0, output + error);
        Assert.Matches("Tests Passed: [1-9]", output);
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>Why Pester cannot be had here, or null.</returns>
    private static async Task<string?> UnreachableAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        try
        {
            (await http.GetAsync(Feed, Cancel)).EnsureSuccessStatusCode();
            return null;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !Cancel.IsCancellationRequested))
        {
            return $"There is no way to {Feed} for Pester: {e.Message}";
        }
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string script)
    {
        var file = _folder.File("run.ps1");
        await File.WriteAllTextAsync(file, script, Cancel);
        // In the folder, as Pester writes its results where it is run.
        return await Pwsh.RunAsync(["-File", file], new Dictionary<string, string> { ["HOME"] = _folder.File("home"), ["NO_COLOR"] = "1" }, _folder.File("modules"));
    }

    [GeneratedRegex(@"^#Requires -Modules @\{ ModuleName = 'Pester'; RequiredVersion = '([\d.]+)' \}", RegexOptions.Multiline)]
    private static partial Regex Required();
}
