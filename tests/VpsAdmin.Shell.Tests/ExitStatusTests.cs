using System.Collections;
using System.Management.Automation;

namespace VpsAdmin.Shell.Tests;

public sealed class ExitStatusTests : IDisposable
{
    private readonly TinyModule _module = new();

    private const string Failing = """
        function Fail {
            [CmdletBinding()] param([int] $Code, [switch] $Softly)
            $e = [InvalidOperationException]::new('it failed')
            if ($Code) { $e.Data['VpsAdmin.ExitCode'] = $Code }
            $record = [System.Management.Automation.ErrorRecord]::new($e, 'Failed', 'NotSpecified', $null)
            if ($Softly) { $PSCmdlet.WriteError($record) } else { throw $record }
        }

        """;

    private Task<ShellResult> RunAsync(params string[] arguments) => ShellProcess.RunAsync(_module.Folder, arguments);

    [Theory]
    [InlineData("Fail 13", 13)]
    [InlineData("try { Fail 13 } catch { throw }", 13)]
    [InlineData("Fail 0", 1)]
    [InlineData("try { Fail 13 } catch { }; 'well'", 0)]
    [InlineData("throw 'other'", 1)]
    public async Task An_error_that_ends_a_script_brings_its_status(string script, int code)
    {
        var result = await RunAsync(_module.Write("script.ps1", Failing + script));
        Assert.True(code == result.ExitCode, $"{result.ExitCode}: {result.Error}");
    }

    [Theory]
    [InlineData("Set-Size -Size 10")]
    [InlineData("Set-Size -Size many")]
    [InlineData("Set-Size -Length 5")]
    public async Task What_the_engine_does_not_let_into_the_modules_commands_is_a_wrong_parameter(string command)
    {
        Assert.Equal(15, (await RunAsync("-Command", command)).ExitCode);
        Assert.Equal(15, (await RunAsync(_module.Write("script.ps1", "$ErrorActionPreference = 'Stop'\n" + command))).ExitCode);
    }

    [Fact]
    public async Task A_wrong_parameter_of_something_else_is_any_error() =>
        Assert.Equal(1, (await RunAsync("-Command", "Get-Command -Length 5")).ExitCode);

    [Fact]
    public async Task The_last_statement_of_a_command_brings_its_status()
    {
        Assert.Equal(14, (await RunAsync("-Command", Failing + "Fail 14 -Softly")).ExitCode);
        Assert.Equal(14, (await RunAsync("-Command", Failing + "Fail 14")).ExitCode);
    }

    [Fact]
    public void A_status_is_found_behind_what_the_engine_wraps_around_it()
    {
        var cause = new InvalidOperationException { Data = { ["VpsAdmin.ExitCode"] = 12 } };
        Assert.Equal(12, ExitStatus.Of(cause));
        Assert.Equal(12, ExitStatus.Of(new InvalidOperationException("outer", cause)));
        Assert.Equal(12, ExitStatus.OfNewest(new ArrayList { new ErrorRecord(cause, "id", ErrorCategory.NotSpecified, null), "older" }));
        Assert.Equal(1, ExitStatus.Of(new InvalidOperationException { Data = { ["VpsAdmin.ExitCode"] = 700 } }));
        Assert.Equal(1, ExitStatus.OfNewest(null));
    }

    public void Dispose() => _module.Dispose();
}
