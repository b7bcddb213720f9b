using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>All rules behind a parameter: those that its declaration implies, and those that it names.</summary>
internal static class Validators
{
    /// <summary>In the order in which they are told and held against a value.</summary>
    public static IEnumerable<Validator> Of(InputParameter parameter)
    {
        if (parameter.Required) yield return new PresentRule();
        if (parameter.ChoiceLabels is { } labels) yield return new IncludeRule([.. labels.Keys]) { Labels = labels };
        else if (parameter.Choices is { } choices) yield return new IncludeRule(choices);
        if (parameter.Min is not null || parameter.Max is not null) yield return new NumberRule(parameter.Min, parameter.Max);
        foreach (var rule in parameter.Rules) yield return rule;
    }

    public static JsonObject Describe(InputParameter parameter)
    {
        var described = new JsonObject();
        foreach (var rule in Of(parameter))
        {
            var text = rule.Describe();
            text["message"] = rule.Message;
            described[rule.Key] = text;
        }

        return described;
    }
}
