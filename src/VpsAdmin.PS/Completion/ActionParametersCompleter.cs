using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Actions;

namespace VpsAdmin.PS.Completion;

/// <summary>Hashtables with one parameter of the action each, to be filled in: <c>@{ limit = }</c>. Required ones come first.</summary>
public sealed class ActionParametersCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var action = (fakeBoundParameters["Action"] as string) ?? "";
        var pattern = Completions.Pattern((wordToComplete ?? "").TrimStart('@', '{', ' '));
        return
        [
            .. Completions.Actions(fakeBoundParameters)
                .Where(a => a.Matches(name => name.Equals(action, StringComparison.OrdinalIgnoreCase)))
                .Take(1)
                .SelectMany(a => a.Input)
                .Where(p => pattern.IsMatch(p.Name))
                .OrderByDescending(p => p.IsRequired).ThenBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => new CompletionResult($"@{{ {p.Name} = }}", p.Name, CompletionResultType.ParameterValue, ToolTip(p))),
        ];
    }

    private static string ToolTip(DescribedParameter parameter)
    {
        var choices = parameter.Choices.Count == 0 ? "" : $": {string.Join(", ", parameter.Choices.Select(c => c.Value))}";
        return $"{parameter.Type}{(parameter.IsRequired ? ", required" : "")}{choices}. {parameter.Description ?? parameter.Label}".TrimEnd();
    }
}
