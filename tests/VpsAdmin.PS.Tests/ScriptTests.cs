using System.Management.Automation.Language;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

/// <summary>The scripts that the project ships, as far as the engine alone can tell.</summary>
public sealed class ScriptTests
{
    // In pwsh these come with modules that the engine does not have; a script that CI runs must do without.
    private static readonly string[] EngineScripts = ["docs/quickstart.ps1", "build.ps1"];


    [Theory]
    [InlineData("docs/quickstart.ps1")]
    [InlineData("build.ps1")]
    [InlineData("tests/Pester/VpsAdmin.Tests.ps1")]
    public void A_script_has_no_syntax_errors(string script)
    {
        Parser.ParseFile(Path.Combine(Repository.Root, script), out _, out var errors);
        Assert.Empty(errors.Select(e => $"{e.Extent.StartLineNumber}: {e.Message}"));
    }

    [Fact]
    public void Scripts_that_run_without_pwsh_use_cmdlets_of_the_engine_and_the_module_only()
    {
        using var session = new EngineSession();
        foreach (var script in EngineScripts)
        {
            var ast = Parser.ParseFile(Path.Combine(Repository.Root, script), out _, out _);
            var own = ast.FindAll(static a => a is FunctionDefinitionAst, searchNestedScriptBlocks: true).Cast<FunctionDefinitionAst>().Select(f => f.Name);
            var used = ast.FindAll(static a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
                .Select(c => c.GetCommandName()).Where(name => name?.Contains('-', StringComparison.Ordinal) == true)
                .Distinct().Except(own, StringComparer.OrdinalIgnoreCase);
            foreach (var name in used)
                Assert.True(session.Run("param($Name) Get-Command $Name -ErrorAction Ignore", ("Name", name)).Output.Count > 0, $"{script} uses {name}");
        }
    }
}
