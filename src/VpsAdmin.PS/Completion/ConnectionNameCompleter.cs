using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.Client.Connections;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Completion;

/// <summary>Names of connections, open in this session or saved.</summary>
public sealed class ConnectionNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Open().Concat(Saved()).DistinctBy(c => c.Name, ConnectionName.Comparer)
                .Where(c => pattern.IsMatch(c.Name))
                .OrderBy(c => c.Name, ConnectionName.Comparer)
                .Select(c => new CompletionResult(Completions.Quote(c.Name), c.Name, CompletionResultType.ParameterValue, c.ToolTip)),
        ];
    }

    private static IEnumerable<(string Name, string ToolTip)> Open() => SessionConnections.Here.All.Select(c => (c.Name, c.ToString()));

    private static IEnumerable<(string Name, string ToolTip)> Saved()
    {
        try
        {
            return SavedConnectionStore.OfUser(TimeProvider.System).Read().All.Select(c => (c.Name, $"{c.User} at {c.Uri}, saved"));
        }
        catch (Exception e) when (e is SavedConnectionException or IOException or UnauthorizedAccessException)
        {
            // The command itself will say it.
            return [];
        }
    }
}
