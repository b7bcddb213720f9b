using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>Examples are PowerShell, and name cmdlets of the module with parameters that they have.</summary>
internal sealed class ExampleCheck
{
    private readonly EngineSession _session;
    private readonly IReadOnlyDictionary<string, CmdletInfo> _cmdlets;

    public ExampleCheck(EngineSession session, IReadOnlyDictionary<string, CmdletInfo> cmdlets)
    {
        (_session, _cmdlets) = (session, cmdlets);
        // Loads what the parameters' types are made of.
        Assert.Empty(_session.Run("Get-Command -Module VpsAdmin -Syntax").Errors);
    }

    /// <summary>Names of the module's cmdlets in a script; all of them bind.</summary>
    public IReadOnlyList<string> CommandsOf(string text)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        Assert.Empty(errors.Select(e => $"{text}: {e.Message}"));
        var commands = script.FindAll(static a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .Where(c => c.GetCommandName() is { } name && _cmdlets.ContainsKey(name)).ToList();
        Assert.All(commands, AssertBinds);
        return [.. commands.Select(c => c.GetCommandName())];
    }

    /// <summary>Parameters in full, and together in one set, with no more arguments than there are positions.</summary>
    private void AssertBinds(CommandAst command)
    {
        var known = _cmdlets[command.GetCommandName()].Parameters.Keys;
        Assert.Empty(command.CommandElements.OfType<CommandParameterAst>().Select(p => p.ParameterName).Except(known, StringComparer.OrdinalIgnoreCase));
        // In the runspace, where the command's name means the module's cmdlet.
        var binding = (StaticBindingResult)_session.Run("param($Command) [System.Management.Automation.Language.StaticParameterBinder]::BindCommand($Command, $true)", ("Command", command)).Single.BaseObject;
        // Which set is meant, of those that take input, only the input's type tells.
        var isFed = command.Parent is PipelineAst pipeline && pipeline.PipelineElements[0] != command;
        Assert.Empty(binding.BindingExceptions.Where(e => !isFed || e.Value.BindingException.ErrorId != "AmbiguousParameterSet").Select(e => $"{command.Extent.Text}: {e.Value.BindingException.Message}"));
    }
}
