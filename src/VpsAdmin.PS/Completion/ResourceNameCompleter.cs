using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpsAdmin.PS.Completion;

/// <summary>Names of the resources that the connected server describes. Its description is here; nobody is asked.</summary>
public sealed class ResourceNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Completions.Resources(fakeBoundParameters)
                .Where(r => pattern.IsMatch(r.Path))
                .OrderBy(r => r.Path, StringComparer.Ordinal)
                .Select(r => new CompletionResult(r.Path, r.Path, CompletionResultType.ParameterValue, r.Description ?? r.Path)),
        ];
    }
}
