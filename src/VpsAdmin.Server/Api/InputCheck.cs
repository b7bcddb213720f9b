using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Holds what a client sent against what an action declares: types, required, null, limits, defaults.</summary>
internal static class InputCheck
{
    private const int ReflectedLength = 64;

    /// <param name="input">What stands under the action's namespace; null when the namespace is missing.</param>
    /// <exception cref="ActionRefusedException">With all problems at once, by parameter.</exception>
    public static InputValues Check(ApiAction action, JsonNode? input, Caller? caller)
    {
        var visible = action.Inputs.Where(p => p.IsOpenTo(caller)).ToList();
        var sent = input as JsonObject;
        if (sent is null && (input is not null || visible.Any(p => p.Required))) throw Refusals.InvalidLayout();

        var values = new Dictionary<string, object?>();
        var problems = new Dictionary<string, string>();
        var checkable = new List<InputParameter>();
        foreach (var parameter in action.Inputs)
        {
            if (!visible.Contains(parameter) || !TryGet(sent, parameter, out var raw))
            {
                if (parameter.Default is not null) values[parameter.Name] = DefaultOf(parameter);
                else if (parameter.Required && visible.Contains(parameter)) problems[parameter.Name] = "required parameter missing";
            }
            else if (Problem(parameter, raw, out var value) is { } problem) problems[parameter.Name] = problem;
            else
            {
                values[parameter.Name] = value;
                if (value is not null) checkable.Add(parameter);
            }
        }

        // After all types are known: a rule may be about two parameters.
        foreach (var parameter in checkable)
        {
            if (BrokenRule(parameter, values[parameter.Name]!, values) is { } broken) problems[parameter.Name] = broken;
        }

        if (problems.Count == 0) return new InputValues(values);
        var inOrder = action.Inputs.Where(p => problems.ContainsKey(p.Name)).ToDictionary(p => p.Name, p => (IReadOnlyList<string>)[problems[p.Name]]);
        throw Refusals.InvalidInput(action.InvalidInputStatus, inOrder);
    }

    private static bool TryGet(JsonObject? sent, InputParameter parameter, out JsonNode? raw)
    {
        raw = null;
        foreach (var name in parameter.FormerNames.Prepend(parameter.Name))
        {
            if (sent is not null && sent.TryGetPropertyValue(name, out raw)) return true;
        }

        return false;
    }

    private static string? Problem(InputParameter parameter, JsonNode? raw, out object? value)
    {
        value = null;
        if (IsNull(parameter, raw)) return parameter.Nullable ? null : "cannot be null";

        var coerced = Coercion.Coerce(parameter.Type, raw!);
        value = coerced.Value;
        if (coerced.Problem is null) return null;
        return parameter.Protected ? coerced.Problem.TrimEnd(':') : $"{coerced.Problem} '{Shown(raw!)}'";
    }

    /// <summary>Query strings and forms have no null: a blank value of a nullable parameter stands for it.</summary>
    private static bool IsNull(InputParameter parameter, JsonNode? raw) =>
        raw is null || raw.GetValueKind() == JsonValueKind.Null
                    || (parameter.Nullable && raw.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(raw.GetValue<string>()));

    private static string? BrokenRule(InputParameter parameter, object value, IReadOnlyDictionary<string, object?> values)
    {
        if (Validators.Of(parameter).FirstOrDefault(r => !r.Accepts(value, values)) is not { } broken) return null;
        var shown = parameter.Protected ? "the value" : Cut(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        return broken.Message.Replace("%{value}", shown, StringComparison.Ordinal);
    }

    /// <summary>A declaration may say 25 where the wire says 25L.</summary>
    private static object? DefaultOf(InputParameter parameter) => parameter.Type switch
    {
        ParameterType.Integer or ParameterType.Resource => Convert.ToInt64(parameter.Default, CultureInfo.InvariantCulture),
        ParameterType.Float => Convert.ToDouble(parameter.Default, CultureInfo.InvariantCulture),
        _ => parameter.Default,
    };

    private static string Shown(JsonNode raw) => Cut(raw.GetValueKind() == JsonValueKind.String ? raw.GetValue<string>() : raw.ToJsonString());

    private static string Cut(string text) => text.Length <= ReflectedLength ? text : $"{text[..ReflectedLength]}…";
}
