using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpsAdmin.PS.Completion;

/// <summary>Ids of the account's snapshots, newest first, shown with their names.</summary>
public sealed class SnapshotIdCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Completions.Snapshots(fakeBoundParameters)
                .OrderByDescending(s => s.CreatedAt)
                .Select(s => (Id: s.Id.ToString(CultureInfo.InvariantCulture), Name: $"{s.DatasetName ?? s.DatasetId.ToString(CultureInfo.InvariantCulture)}@{s.Name}"))
                .Where(s => pattern.IsMatch(s.Id) || pattern.IsMatch(s.Name))
                .Select(s => new CompletionResult(s.Id, $"{s.Id} {s.Name}", CompletionResultType.ParameterValue, s.Name)),
        ];
    }
}
