using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VpsAdmin.Server.Api;

/// <summary>The API as a page for people (Markdown), out of the declarations.</summary>
internal static class ApiPage
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Introduction = """
        # The API

        Written by `vpsadmin-server api-docs` out of the declarations of the resources; do not edit. The same is told to programs by `OPTIONS`
        ([HaveAPI](https://github.com/vpsfreecz/haveapi) protocol 2.0).

        Every action takes its input under the resource's name, in the query of GET and in the JSON body of all other methods, and answers with an
        envelope `{"status", "response", "message", "errors"}`. Without a note, it is for everybody who has logged in, and who is no
        administrator sees only what is theirs: what is somebody else's is not found. Support staff are members who may use what says so.

        """;

    /// <param name="prefix">In front of every path, such as <c>/v7.0</c>.</param>
    public static string Write(string prefix, IReadOnlyList<ApiResource> resources)
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach (var resource in new RouteTable(prefix, resources).Resources) Write(page, resource);
        return page.ToString();
    }

    private static void Write(StringBuilder page, ResourceRoutes resource)
    {
        Line(page, $"\n## {string.Join('.', resource.Names)}\n\n{Sentence(resource.Resource.Description)}");
        foreach (var route in resource.Actions) Write(page, route);
        foreach (var child in resource.Children) Write(page, child);
    }

    private static void Write(StringBuilder page, Route route)
    {
        var action = route.Action;
        Line(page, $"\n### {route.Scope}\n\n    {action.Method} {route.Path}\n\n{Sentence(action.Description)}{Notes(action)}");
        if (action.Inputs.Count > 0)
        {
            Line(page, "\n| input | type | |\n|---|---|---|");
            foreach (var input in action.Inputs) Line(page, $"| `{input.Name}` | {Type(input.Type, input.Resource)} | {Cell([input.Description, .. Rules(input)])} |");
        }

        WriteOutputs(page, action);
        foreach (var example in action.Examples) Write(page, action, example);
    }

    private static void WriteOutputs(StringBuilder page, ApiAction action)
    {
        if (action.Outputs.Count == 0) return;
        Line(page, $"\n| {(action.ReturnsList ? "output, a list" : "output")} | type | |\n|---|---|---|");
        foreach (var output in action.Outputs)
            Line(page, $"| `{output.Name}` | {Type(output.Type, output.Resource)} | {Cell([output.Description, Audience(output.AdminOnly, output.SupportOnly)])} |");
    }

    private static void Write(StringBuilder page, ApiAction action, ActionExample example)
    {
        Line(page, $"\n{Sentence(example.Title)}{(example.Comment is { } comment ? $" {comment}" : "")}\n\n```");
        if (example.Request is { } request) Line(page, $"→ {request.ToJsonString(Plain)}");
        if (example.Response is { } response) Line(page, $"← {response.ToJsonString(Plain)}");
        if (example.Message is { } message) Line(page, $"← refused: {message}");
        if (example is { Request: null, Response: null, Message: null }) Line(page, $"→ {action.Method} with the ids {string.Join(", ", example.PathIds)} in the path");
        Line(page, "```");
    }

    private static string Notes(ApiAction action)
    {
        IEnumerable<string?> notes =
        [
            action.RequiresLogin ? null : "No login is needed.",
            Audience(action.AdminOnly, action.SupportOnly) is { } audience ? $"{char.ToUpperInvariant(audience[0])}{audience[1..]}." : null,
            action.Blocking ? "Goes on in the background: `_meta.action_state_id` tells what to follow." : null,
            action.Aliases.Count > 0 ? $"Also called {string.Join(", ", action.Aliases)}." : null,
        ];
        return string.Concat(notes.OfType<string>().Select(n => " " + n));
    }

    private static IEnumerable<string?> Rules(InputParameter input) =>
    [
        input.Required ? "required" : null,
        input.Nullable ? "may be null" : null,
        input.Default is { } value ? $"default `{Value(value)}`" : null,
        input.ChoiceLabels is { } labels ? Choices(labels.Keys) : input.Choices is { } choices ? Choices(choices) : null,
        input.Min is null && input.Max is null ? null : Limits.Message(input.Min, input.Max, "must be"),
        .. input.Rules.Select(r => r.Message.Replace("%{value}", "the value", StringComparison.Ordinal)),
        input.FormerNames.Count > 0 ? $"also accepted as {string.Join(", ", input.FormerNames.Select(n => $"`{n}`"))}" : null,
        Audience(input.AdminOnly, input.SupportOnly),
    ];

    private static string Choices(IEnumerable<string> values) => $"one of {string.Join(", ", values.Select(v => $"`{v}`"))}";

    private static string? Audience(bool adminOnly, bool supportOnly) => adminOnly ? "for administrators" : supportOnly ? "for administrators and support staff" : null;

    private static string Type(ParameterType type, IReadOnlyList<string>? resource) =>
        type == ParameterType.Resource ? string.Join('.', resource ?? []) : type.ToString();

    private static string Value(object value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Cell(IEnumerable<string?> parts) => string.Join("; ", parts.Where(p => !string.IsNullOrEmpty(p))).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";

    private static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
