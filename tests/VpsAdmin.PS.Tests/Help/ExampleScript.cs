using System.Text;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>Pieces of the documents as one script of vpsadmin, or of pwsh, for the administrator of the tests' server, in a folder that is their home.</summary>
internal sealed class ExampleScript
{
    /// <summary>What vpsadmin's engine has not, and pwsh has.</summary>
    private const string Utilities = """
        function Select-Object { param([int] $Last, [int] $First) $all = @($input); if ($Last) { $all[-$Last..-1] } else { $all[0..($First - 1)] } }
        function Format-List { $input }
        function Get-ChildItem { param($Path) [IO.DirectoryInfo]::new($Path).GetFiles() }
        """;

    private readonly string _folder;
    private readonly bool _inPwsh;
    private readonly StringBuilder _text = new();

    /// <param name="inPwsh">Pwsh runs it; else vpsadmin does.</param>
    public ExampleScript(LabServer server, string folder, bool inPwsh = false)
    {
        (_folder, _inPwsh) = (folder, inPwsh);
        // Schedules are written below the folder, and no scheduler of the machine is told.
        _text.AppendLine($$"""
            {{(inPwsh ? $"Import-Module '{Repository.Manifest}'" : Utilities)}}
            $ErrorActionPreference = 'Stop'
            $ConfirmPreference = 'None'
            $PSNativeCommandUseErrorActionPreference = $true
            $PSDefaultParameterValues['*-VpsBackupSchedule:RootPath'] = '{{folder}}'
            $password = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText('{{server.DataPath}}/admin-password').Trim()).SecurePassword
            $credential = [pscredential]::new('admin', $password)
            """);
    }

    /// <summary>What comes behind it is run also when it fails.</summary>
    /// <param name="name">What it is called when it fails.</param>
    public void Add(string name, string code) => _text.AppendLine($$"""
        try {
        {{code}}
        } catch { [Console]::Error.WriteLine("{{name}}: $($_.FullyQualifiedErrorId): $_ $($_.InvocationInfo.Line.Trim())") }
        """);

    /// <summary>What has to go well is added plainly.</summary>
    public void Prepare(string code) => _text.AppendLine(code);

    /// <returns>The exit code, and what was written to standard error but for warnings.</returns>
    public async Task<(int Code, string Error)> RunAsync()
    {
        var file = Path.Combine(_folder, "examples.ps1");
        await File.WriteAllTextAsync(file, _text.ToString(), TestContext.Current.CancellationToken);
        var home = new Dictionary<string, string>
        {
            ["HOME"] = _folder, ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"), ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
            ["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        var (code, _, error) = _inPwsh ? await Pwsh.RunAsync(["-File", file], home, _folder) : await ProgramRun.RunAsync(Repository.Shell, [file], home, _folder);
        return (code, string.Join('\n', error.Split('\n').Where(static l => !l.StartsWith("WARNING: ", StringComparison.Ordinal))).Trim());
    }
}
