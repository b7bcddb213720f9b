using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VpsAdmin.PS.Completion;

/// <summary>Ids of the server's downloads, newest first, shown with their file names.</summary>
public sealed class DownloadIdCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = Completions.Pattern(wordToComplete);
        return
        [
            .. Completions.Downloads(fakeBoundParameters)
                .OrderByDescending(d => d.Id)
                .Select(d => (Id: d.Id.ToString(CultureInfo.InvariantCulture), d.FileName))
                .Where(d => pattern.IsMatch(d.Id) || pattern.IsMatch(d.FileName))
                .Select(d => new CompletionResult(d.Id, $"{d.Id} {d.FileName}", CompletionResultType.ParameterValue, d.FileName)),
        ];
    }
}
