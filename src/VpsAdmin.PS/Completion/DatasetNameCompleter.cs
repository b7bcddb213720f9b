using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Completion;

/// <summary>Full names of the account's datasets.</summary>
public sealed class DatasetNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Completions.Datasets(fakeBoundParameters)
                .Where(d => pattern.IsMatch(d.Name))
                .Select(d => new CompletionResult(Completions.Quote(d.Name), d.Name, CompletionResultType.ParameterValue, $"dataset {d.Id.ToString(CultureInfo.InvariantCulture)}")),
        ];
    }
}
