using System.Diagnostics;
using System.Reflection;
using System.Text;
using VpsAdmin.PS.Tests.EndToEnd;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>Pieces of the documents as one script of vpsadmin, for the administrator of the tests' server, in a folder that is their home.</summary>
internal sealed class ExampleScript
{
    /// <summary>What vpsadmin's engine has not, and pwsh has.</summary>
    private const string Utilities = """
        function Select-Object { param([int] $Last, [int] $First) $all = @($input); if ($Last) { $all[-$Last..-1] } else { $all[0..($First - 1)] } }
        function Format-List { $input }
        function Get-ChildItem { param($Path) [IO.DirectoryInfo]::new($Path).GetFiles() }
        """;

    private readonly string _folder;
    private readonly StringBuilder _text = new(Utilities);

    public ExampleScript(LabFixture lab, string folder)
    {
        _folder = folder;
        // Schedules are written below the folder, and no scheduler of the machine is told.
        _text.AppendLine($$"""

            $ErrorActionPreference = 'Stop'
            $ConfirmPreference = 'None'
            $PSNativeCommandUseErrorActionPreference = $true
            $PSDefaultParameterValues['*-VpsBackupSchedule:RootPath'] = '{{folder}}'
            $password = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText('{{lab.DataPath}}/admin-password').Trim()).SecurePassword
            $credential = [pscredential]::new('admin', $password)
            $null = Connect-VpsAdmin {{lab.Uri}} $credential -Name work -Save
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
    public async Task<(int Code, string Error)> RunAsync(CancellationToken cancel)
    {
        var file = Path.Combine(_folder, "examples.ps1");
        await File.WriteAllTextAsync(file, _text.ToString(), cancel);
        using var process = Process.Start(new ProcessStartInfo(Shell, [file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
            Environment =
            {
                ["HOME"] = _folder, ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"), ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
                ["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = await process.StandardError.ReadToEndAsync(cancel);
        await output;
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, string.Join('\n', error.Split('\n').Where(static l => !l.StartsWith("WARNING: ", StringComparison.Ordinal))).Trim());
    }

    /// <summary>The program vpsadmin, as built.</summary>
    public static string Shell => typeof(ExampleScript).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Shell").Value!;
}
