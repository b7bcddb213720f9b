namespace VpsAdmin.Shell.Tests;

public sealed class ShellTests : IDisposable
{
    private readonly TinyModule _module = new();

    private Task<ShellResult> RunAsync(params string[] arguments) => ShellProcess.RunAsync(_module.Folder, arguments);

    private Task<ShellResult> ScriptAsync(string text, params string[] arguments) =>
        RunAsync([_module.Write("script.ps1", text), .. arguments]);

    [Fact]
    public async Task Objects_are_rendered_by_the_modules_view()
    {
        var result = await RunAsync("-Command", "Get-Thing");
        Assert.Equal(["THING SIZE", "----- ----", "alpha 5"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd()));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Objects_piped_into_a_native_program_arrive_as_the_text_of_their_view()
    {
        var result = await RunAsync("-Command", "Get-Thing | grep alpha");
        Assert.Equal("alpha 5", result.Output.Trim());
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Bytes_piped_into_a_native_program_arrive_as_they_are()
    {
        var result = await RunAsync("-Command", ",[byte[]](0, 10, 13, 255) | od -An -tx1");
        Assert.Equal("00 0a 0d ff", result.Output.Trim());
    }

    [Fact]
    public async Task Out_String_makes_one_string_of_strings_and_objects()
    {
        var result = await RunAsync("-Command", "$text = 'first', (Get-Thing) | Out-String; $text.Contains('alpha'); $text.Split(\"`n\")[0]; ('a', 'b' | Out-String -Stream).Count");
        Assert.Equal("True\nfirst\n2\n", result.Output);
    }

    [Fact]
    public async Task A_script_gets_its_arguments_as_they_were_typed()
    {
        var result = await ScriptAsync(
            """
            param([string] $Name, [int] $Number, [switch] $Flag, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Name|$Number|$Flag|$($Rest -join ',')"
            """,
            "-Name", "it's $HOME", "-Number", "-5", "-Flag:$false", "a b", "--x", "*");
        Assert.Equal("it's $HOME|-5|False|a b,--x,*\n", result.Output);
    }

    [Fact]
    public async Task The_engine_reports_to_nobody()
    {
        using var home = new TinyModule();
        using var shell = ShellProcess.Start(_module.Folder, ["-Command", "Get-Thing"],
            new Dictionary<string, string?> { ["HOME"] = home.Folder, ["XDG_CACHE_HOME"] = null, ["POWERSHELL_TELEMETRY_OPTOUT"] = null });
        Assert.Equal(0, (await shell.FinishAsync()).ExitCode);
        Assert.Empty(Directory.GetFiles(home.Folder, "telemetry.uuid", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_script_knows_where_it_is()
    {
        var result = await ScriptAsync("$PSScriptRoot; $MyInvocation.MyCommand.Path");
        Assert.Equal($"{_module.Folder}\n{Path.Combine(_module.Folder, "script.ps1")}\n", result.Output);
    }

    [Theory]
    [InlineData("'x'", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 0", 0)]
    [InlineData("function f { exit 4 }; f; 'not reached'", 4)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("[int]::Parse('x'); exit 6", 6)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Nothing; exit 6", 1)]
    [InlineData("'unfinished", 1)]
    [InlineData("param([int] $Number)", 1, "-Number", "five")]
    [InlineData("sh -c 'exit 5'; exit $LASTEXITCODE", 5)]
    [InlineData("sh -c 'exit 5'; 'and on'", 0)]
    [InlineData("sh -c 'exit 5'", 0)]
    public async Task A_script_ends_with_the_status_of_pwsh_File(string script, int status, params string[] arguments) =>
        Assert.Equal(status, (await ScriptAsync(script, arguments)).ExitCode);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 9", 9)]
    [InlineData("Get-Nothing", 1)]
    [InlineData("Get-Nothing; 1", 0)]
    [InlineData("sh -c 'exit 5'", 1)]
    [InlineData("sh -c 'exit 5'; 1", 0)]
    [InlineData("sh -c 'exit 5'; exit $LASTEXITCODE", 5)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("1 +", 1)]
    public async Task A_command_ends_with_the_status_of_pwsh_Command(string command, int status) =>
        Assert.Equal(status, (await RunAsync("-c", command)).ExitCode);

    [Fact]
    public async Task A_terminating_error_is_shown_with_its_id_and_place_on_standard_error()
    {
        var result = await ScriptAsync("'before'\nthrow [System.Management.Automation.ErrorRecord]::new([Exception]::new('no pool'), 'PoolMissing', 'ObjectNotFound', 'tank')");
        Assert.Equal("before\n", result.Output);
        Assert.Contains("no pool", result.Error, StringComparison.Ordinal);
        Assert.Contains("PoolMissing", result.Error, StringComparison.Ordinal);
        Assert.Contains("script.ps1:2", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_and_what_is_said_about_them_are_kept_apart()
    {
        var result = await RunAsync("-c", """
            $Host.UI.WriteWarningLine('w'); $Host.UI.WriteVerboseLine('v'); $Host.UI.WriteErrorLine('e'); Get-Nothing
            $Host.UI.WriteProgress(1, [System.Management.Automation.ProgressRecord]::new(1, 'p', 'q'))
            $Host.UI.WriteLine('line'); 'result'
            """);
        Assert.Equal("line\nresult\n", result.Output);
        Assert.StartsWith("WARNING: w\nVERBOSE: v\ne\nGet-Nothing", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_reach_standard_output_as_they_are_and_in_order()
    {
        var result = await RunAsync("-c", "'a'; Get-Bytes; 'z'");
        Assert.Equal([(byte)'a', 10, 0, 255, 10, 13, 1, 2, (byte)'z', 10], result.RawOutput);
    }

    [Fact]
    public async Task Tables_are_as_wide_as_COLUMNS_says()
    {
        using var process = ShellProcess.Start(_module.Folder, ["-c", "$Host.UI.RawUI.BufferSize.Width"], new Dictionary<string, string?> { ["COLUMNS"] = "77" });
        Assert.Equal("77\n", (await process.FinishAsync()).Output);
    }

    [Fact]
    public async Task An_unset_module_path_is_no_trouble()
    {
        using var process = ShellProcess.Start(_module.Folder, ["-c", "(Get-Thing).Name"], new Dictionary<string, string?> { ["PSModulePath"] = null });
        Assert.Equal("alpha\n", (await process.FinishAsync()).Output);
    }

    [Theory]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.PromptForCredential('c', 'm', 'u', '')")]
    public async Task Nobody_is_asked_when_nobody_is_there(string command)
    {
        var result = await RunAsync("-c", command);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("NonInteractive mode", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_mandatory_parameter_is_named_instead_of_asked_for()
    {
        var result = await ScriptAsync("param([Parameter(Mandatory)] $Dataset)");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("MissingMandatoryParameter", result.Error, StringComparison.Ordinal);
        Assert.Contains("Dataset", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_stops_the_pipeline_and_lets_it_clean_up(string signal, int status)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX signals");
        var script = _module.Write("wait.ps1", """
            try { [Console]::Error.WriteLine('ready'); while ($true) { [Threading.Thread]::Sleep(5) } }
            finally { [Console]::Error.WriteLine('cleaned up') }
            """);
        using var process = ShellProcess.Start(_module.Folder, [script]);
        Assert.Equal("ready", await process.ReadErrorLineAsync());
        await process.SignalAsync(signal);
        var result = await process.FinishAsync();
        Assert.Equal((status, "cleaned up\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_program_that_a_script_is_waiting_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX signals");
        using var process = ShellProcess.Start(_module.Folder, ["-c", "sh -c 'echo $$ >&2; exec sleep 1000'"], ownGroup: true);
        var child = await process.ReadErrorLineAsync();
        await process.SignalAsync("INT", group: true);
        var result = await process.FinishAsync();
        Assert.Equal((130, ""), (result.ExitCode, result.Error));
        Assert.False(Directory.Exists($"/proc/{child}"), "The child is still there.");
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_to_the_shell_alone_ends_the_program_that_it_is_waiting_for(string signal, int status)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Children are found in /proc");
        using var process = ShellProcess.Start(_module.Folder, ["-c", "sh -c 'echo $$ >&2; exec sleep 1000'; 'and on'"]);
        var child = await process.ReadErrorLineAsync();
        await process.SignalAsync(signal);
        var result = await process.FinishAsync();
        Assert.Equal((status, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.False(Directory.Exists($"/proc/{child}"), "The child is still there.");
    }

    [Fact]
    public async Task A_daemon_that_a_script_has_started_outlives_a_signal_to_the_shell()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Children are found in /proc");
        using var process = ShellProcess.Start(_module.Folder, ["-c",
            "$null = [Diagnostics.Process]::Start('setsid', [string[]]('sh', '-c', 'echo $$ >&2; exec sleep 1000 >/dev/null 2>&1')); sh -c 'read -r line <&0; echo ready >&2; exec sleep 1000'"]);
        using var daemon = System.Diagnostics.Process.GetProcessById(int.Parse((await process.ReadErrorLineAsync())!, System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            Assert.Equal("ready", await process.ReadErrorLineAsync());
            await process.SignalAsync("TERM");
            Assert.Equal(143, (await process.FinishAsync()).ExitCode);
            Assert.False(daemon.HasExited);
        }
        finally
        {
            daemon.Kill();
        }
    }

    [Fact]
    public async Task Programs_have_the_standard_streams_themselves()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sh");
        var result = await RunAsync("-c", @"'a'; sh -c 'printf ""\377\0""; echo said >&2'; 'z'");
        Assert.Equal([(byte)'a', 10, 255, 0, (byte)'z', 10], result.RawOutput);
        Assert.Equal("said\n", result.Error);
    }

    [Theory]
    [InlineData("1..100000 | ForEach-Object { , [byte[]]::new(1000) }", 1)]
    [InlineData("1..10000 | ForEach-Object { 'a line of text that nobody reads' }", 0)]
    public async Task A_reader_that_went_away_misses_bytes_but_not_text(string script, int status)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The console of Windows does not tell");
        using var sh = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash",
            ["-c", "set -o pipefail; \"$0\" -c \"$1\" | head -c 1 >/dev/null", ShellProcess.Executable, script])
        { Environment = { ["VPSADMIN_MODULE"] = _module.Folder }, RedirectStandardError = true })!;
        var error = await sh.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await sh.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, sh.ExitCode);
        Assert.Equal(status != 0, error.Contains("Broken pipe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_to_run_shows_the_usage()
    {
        var result = await RunAsync();
        Assert.Equal((64, ""), (result.ExitCode, result.Output));
        Assert.Contains("vpsadmin SCRIPT.ps1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_is_not_there_is_wrong_usage()
    {
        var result = await RunAsync("/nowhere/x.ps1");
        Assert.Equal((64, "The script '/nowhere/x.ps1' does not exist.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Without_its_module_the_shell_does_not_start()
    {
        var result = await ShellProcess.RunAsync("/nowhere", "-c", "1");
        Assert.Equal((70, ""), (result.ExitCode, result.Output));
        Assert.Contains("/nowhere", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_does_not_load_is_shown_with_its_reason()
    {
        _module.Write("VpsAdmin.psm1", "throw 'wrong .NET'");
        var result = await RunAsync("-c", "1");
        Assert.Equal((70, ""), (result.ExitCode, result.Output));
        Assert.Contains("wrong .NET", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_and_version_go_to_standard_output()
    {
        Assert.Contains("-Command TEXT", (await RunAsync("-Help")).Output, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+", (await RunAsync("-Version")).Output);
    }

    public void Dispose() => _module.Dispose();
}
