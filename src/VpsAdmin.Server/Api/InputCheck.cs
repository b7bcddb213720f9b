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
        var visible = action.Inputs.Where(p => !p.AdminOnly || caller is { IsAdmin: true }).ToList();
        var sent = input as JsonObject;
        if (sent is null && (input is not null || visible.Any(p => p.Required))) throw Refusals.InvalidLayout();

        var values = new Dictionary<string, object?>();
        var errors = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var parameter in action.Inputs)
        {
            if (sent is null || !visible.Contains(parameter) || !sent.TryGetPropertyValue(parameter.Name, out var raw))
            {
                if (parameter.Default is not null) values[parameter.Name] = DefaultOf(parameter);
                else if (parameter.Required && visible.Contains(parameter)) errors[parameter.Name] = ["required parameter missing"];
            }
            else if (Problem(parameter, raw, out var value) is { } problem) errors[parameter.Name] = [problem];
            else values[parameter.Name] = value;
        }

        return errors.Count == 0 ? new InputValues(values) : throw Refusals.InvalidInput(action.InvalidInputStatus, errors);
    }

    private static string? Problem(InputParameter parameter, JsonNode? raw, out object? value)
    {
        value = null;
        if (raw is null || raw.GetValueKind() == JsonValueKind.Null)
            return parameter.Nullable ? null : "cannot be null";

        var coerced = Coercion.Coerce(parameter.Type, raw);
        value = coerced.Value;
        if (coerced.Problem is not null) return parameter.Protected ? coerced.Problem.TrimEnd(':') : $"{coerced.Problem} '{Shown(raw)}'";
        if (parameter.Required && value is string text && string.IsNullOrWhiteSpace(text)) return Validators.NonEmpty;
        if (parameter.Choices is { } choices && !choices.Contains(Convert.ToString(value, CultureInfo.InvariantCulture)))
            return Validators.NotAmong.Replace("%{value}", parameter.Protected ? "the value" : Shown(raw), StringComparison.Ordinal);
        return IsOutOfRange(parameter, value) ? Validators.RangeMessage(parameter) : null;
    }

    private static bool IsOutOfRange(InputParameter parameter, object? value) => value switch
    {
        long number => number < parameter.Min || number > parameter.Max,
        double number => number < parameter.Min || number > parameter.Max,
        _ => false,
    };

    /// <summary>A declaration may say 25 where the wire says 25L.</summary>
    private static object? DefaultOf(InputParameter parameter) => parameter.Type switch
    {
        ParameterType.Integer or ParameterType.Resource => Convert.ToInt64(parameter.Default, CultureInfo.InvariantCulture),
        ParameterType.Float => Convert.ToDouble(parameter.Default, CultureInfo.InvariantCulture),
        _ => parameter.Default,
    };

    private static string Shown(JsonNode raw)
    {
        var text = raw.GetValueKind() == JsonValueKind.String ? raw.GetValue<string>() : raw.ToJsonString();
        return text.Length <= ReflectedLength ? text : $"{text[..ReflectedLength]}…";
    }
}
