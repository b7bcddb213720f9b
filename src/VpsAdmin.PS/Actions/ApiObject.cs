using System.Management.Automation;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.PS.Actions;

/// <summary>
/// A server's objects as PowerShell has them: custom objects with the server's own names, times where the description says Datetime.
/// Metadata is left out, and so are control characters other than tabs and line ends, which would reach the terminal.
/// </summary>
/// <param name="outputOf">What <c>show</c> of a resource gives, by the resource's path; null when it is not described.</param>
internal sealed class ApiObject(string metaNamespace, Func<string, ParametersDescription?> outputOf)
{
    public const string TypeName = "VpsAdmin.ApiObject";

    /// <exception cref="ProtocolException">Two fields of one name, or one without.</exception>
    public IEnumerable<PSObject> Read(ActionOutcome outcome) => outcome.Response switch
    {
        JsonObject { Count: > 0 } one => [Described(outcome.Resource, one, outcome.Output)],
        JsonArray many => many.Select(item => item is JsonObject one
            ? Described(outcome.Resource, one, outcome.Output)
            : throw new ProtocolException($"The server sent a list of {outcome.Resource} with something in it that is no object.")),
        _ => [],
    };

    private PSObject Described(string resource, JsonObject json, ParametersDescription? output)
    {
        var value = New(json, (name, node) => Field(output?.Parameters.GetValueOrDefault(name), node));
        value.TypeNames.Insert(0, TypeName);
        value.TypeNames.Insert(0, $"{TypeName}#{resource}");
        return value;
    }

    private object? Field(ParameterDescription? described, JsonNode? node) => (described?.Type, node) switch
    {
        ("Datetime", JsonValue time) when time.TryGetValue(out string? text) && Iso8601.TryParse(text, out var read) => read,
        ("Resource", JsonObject target) when IsWhole(target) && described!.Resource is { } path =>
            Described(string.Join('.', path), target, outputOf(string.Join('.', path))),
        _ => Plain(node),
    };

    /// <summary>An association that the server sent in full.</summary>
    private bool IsWhole(JsonObject target) =>
        target[metaNamespace] is JsonObject meta && meta["resolved"] is JsonValue value && value.TryGetValue(out bool resolved) && resolved;

    private object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject json => New(json, (_, value) => Plain(value)),
        JsonArray array => array.Select(Plain).ToArray(),
        JsonValue value => Scalar(value),
        _ => throw new ProtocolException("The server sent JSON of an unknown kind."),
    };

    private static object? Scalar(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => Printable(value.GetValue<string>()),
        _ when value.TryGetValue(out long whole) => whole,
        _ when value.TryGetValue(out double number) => number,
        _ => value.ToJsonString(),
    };

    private PSObject New(JsonObject json, Func<string, JsonNode?, object?> read)
    {
        var value = new PSObject();
        foreach (var (name, node) in json)
        {
            if (name == metaNamespace)
                continue;
            // Names that differ by case only are one to PowerShell.
            if (name.Length == 0 || name.Any(char.IsControl) || value.Properties[name] is not null)
                throw new ProtocolException($"The server sent an object with a field that PowerShell cannot have: '{Printable(name)}'.");
            value.Properties.Add(new PSNoteProperty(name, read(name, node)));
        }

        return value;
    }

    private static string Printable(string text)
    {
        if (!text.Any(IsUnwanted))
            return text;
        return text.Where(c => !IsUnwanted(c)).Aggregate(new StringBuilder(text.Length), (clean, c) => clean.Append(c)).ToString();
    }

    private static bool IsUnwanted(char c) => char.IsControl(c) && c is not ('\t' or '\n' or '\r');
}
