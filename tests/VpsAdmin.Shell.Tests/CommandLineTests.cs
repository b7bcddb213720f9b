namespace VpsAdmin.Shell.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("-Help"), InlineData("--help"), InlineData("-h"), InlineData("-?")]
    public void Help_is_asked_for_in_the_ways_people_try(string option) =>
        Assert.IsType<ShowHelp>(CommandLine.Parse([option]));

    [Theory]
    [InlineData("-Version"), InlineData("--version")]
    public void Version_is_an_option(string option) => Assert.IsType<ShowVersion>(CommandLine.Parse([option]));

    [Fact]
    public void A_command_is_joined_as_pwsh_does() =>
        Assert.Equal(new RunCommand("Get-Thing | Out-Null"), CommandLine.Parse(["-c", "Get-Thing", "|", "Out-Null"]));

    [Fact]
    public void Without_anything_to_run_the_usage_is_wrong() => Assert.IsType<UsageError>(CommandLine.Parse([]));

    [Theory]
    [InlineData("-Command"), InlineData("-File"), InlineData("-Pool")]
    public void An_unfinished_or_unknown_option_is_named(string option) =>
        Assert.Contains(option, Assert.IsType<UsageError>(CommandLine.Parse([option])).Message, StringComparison.Ordinal);

    [Fact]
    public void Everything_behind_the_script_is_the_scripts()
    {
        var script = Assert.IsType<RunScript>(CommandLine.Parse(["a.ps1", "-Help", "-c", "x"]));
        Assert.Equal("a.ps1", script.Path);
        Assert.Equal([new("-Help", null), new("-c", null), new(null, "x")], script.Arguments);
    }

    [Theory]
    [InlineData("-Name", "-Name", null)]
    [InlineData("-Name:", "-Name", null)]
    [InlineData("-Name:a:b", "-Name", "a:b")]
    [InlineData("-Flag:$false", "-Flag", "$false")]
    [InlineData("-5", null, "-5")]
    [InlineData("-", null, "-")]
    [InlineData("--", null, "--")]
    [InlineData("-a;b", null, "-a;b")]
    [InlineData("tank/vps@2016", null, "tank/vps@2016")]
    public void An_argument_is_a_parameter_when_it_looks_like_one(string argument, string? name, string? value) =>
        Assert.Equal([new ScriptArgument(name, value)], Assert.IsType<RunScript>(CommandLine.Parse(["a.ps1", argument])).Arguments);

    [Theory]
    [InlineData("it's", "'it''s'")]
    [InlineData("$(Remove-Item /)", "'$(Remove-Item /)'")]
    [InlineData("a\u2019; exit 9 #", "'a\u2019\u2019; exit 9 #'")]
    [InlineData("", "''")]
    public void A_value_is_quoted_whatever_is_in_it(string value, string quoted) =>
        Assert.Contains($"a.ps1' {quoted};", ScriptCall.Text(new RunScript("a.ps1", [new(null, value)])), StringComparison.Ordinal);

    [Theory]
    [InlineData("-Flag:$FALSE", "-Flag:$FALSE")]
    [InlineData("-Flag:$null", "-Flag:'$null'")]
    [InlineData("-Flag", "-Flag")]
    public void Only_booleans_are_written_as_PowerShell(string argument, string text) =>
        Assert.Contains($"a.ps1' {text};", ScriptCall.Text((RunScript)CommandLine.Parse(["a.ps1", argument])), StringComparison.Ordinal);
}
