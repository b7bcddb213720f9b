using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>The rules behind a typed parameter, as described to clients (spec/haveapi 6) and as told to those who break them.</summary>
internal static class Validators
{
    public const string NonEmpty = "must be present and non-empty";
    public const string NotAmong = "%{value} cannot be used";

    public static string RangeMessage(InputParameter parameter) => (parameter.Min, parameter.Max) switch
    {
        ({ } min, { } max) => $"must be between {min} and {max}",
        ({ } min, null) => $"must be at least {min}",
        (null, { } max) => $"must be at most {max}",
        _ => "",
    };

    public static JsonObject Describe(InputParameter parameter)
    {
        var validators = new JsonObject();
        if (parameter.Required) validators["present"] = new JsonObject { ["empty"] = false, ["message"] = NonEmpty };
        if (parameter.Choices is { } choices)
            validators["include"] = new JsonObject { ["values"] = new JsonArray([.. choices.Select(c => JsonValue.Create(c))]), ["message"] = NotAmong };
        if (parameter.Min is null && parameter.Max is null) return validators;

        var number = new JsonObject { ["message"] = RangeMessage(parameter) };
        if (parameter.Min is { } min) number["min"] = min;
        if (parameter.Max is { } max) number["max"] = max;
        validators["number"] = number;
        return validators;
    }
}
