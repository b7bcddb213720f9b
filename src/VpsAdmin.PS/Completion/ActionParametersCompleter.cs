using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.HaveApi.Catalogue;

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
                .Where(a => a.Aliases.Prepend(a.Action).Contains(action, StringComparer.OrdinalIgnoreCase))
                .Take(1)
                .SelectMany(a => a.Parameters)
                .Where(p => pattern.IsMatch(p.Parameter))
                .OrderByDescending(p => p.IsRequired).ThenBy(p => p.Parameter, StringComparer.Ordinal)
                .Select(p => new CompletionResult($"@{{ {p.Parameter} = }}", p.Parameter, CompletionResultType.ParameterValue, ToolTip(p))),
        ];
    }

    private static string ToolTip(ApiParameter parameter)
    {
        var choices = parameter.Choices.Count == 0 ? "" : $": {string.Join(", ", parameter.Choices)}";
        return $"{parameter.Type}{(parameter.IsRequired ? ", required" : "")}{choices}. {parameter.Description ?? parameter.Label}".TrimEnd();
    }
}
