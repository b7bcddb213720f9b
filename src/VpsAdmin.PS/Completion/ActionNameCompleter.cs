using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpsAdmin.PS.Completion;

/// <summary>Names of the actions of the resources that are named, or of all.</summary>
public sealed class ActionNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Completions.Actions(fakeBoundParameters)
                .Where(a => pattern.IsMatch(a.Name))
                .DistinctBy(a => a.Name)
                .OrderBy(a => a.Name, StringComparer.Ordinal)
                .Select(a => new CompletionResult(a.Name, a.Name, CompletionResultType.ParameterValue, a.Description ?? $"{a.Method} {a.Path}")),
        ];
    }
}
