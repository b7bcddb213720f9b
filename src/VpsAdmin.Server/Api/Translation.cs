using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Server.Api;

/// <summary>
/// What people read, in the language they ask for (<c>Accept-Language</c>, spec/haveapi 9). Names, values and the shape of replies stay; texts
/// that are not in the language's list stay too.
/// </summary>
/// <param name="texts">By what the declarations say.</param>
internal sealed class Translation(IReadOnlyDictionary<string, string> texts)
{
    private static readonly string[] TextKeys = ["label", "description", "message", "title", "comment"];

    /// <returns>Null: as the declarations say.</returns>
    public static Translation? For(HttpRequest request, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> languages) => request.GetTypedHeaders().AcceptLanguage
        .Where(l => l.Quality is null or > 0)
        .OrderByDescending(l => l.Quality ?? 1)
        .Select(l => languages.GetValueOrDefault(l.Value.ToString().Split('-')[0].ToLowerInvariant()))
        .OfType<IReadOnlyDictionary<string, string>>()
        .Select(texts => new Translation(texts))
        .FirstOrDefault();

    public Envelope Translate(Envelope envelope)
    {
        // Only descriptions are for people through and through; what an action gives back is data.
        if (envelope.Version is not null) Describe(envelope.Response);
        return envelope with
        {
            Message = envelope.Message is { } message ? Text(message) : null,
            Errors = envelope.Errors?.ToDictionary(e => e.Key, e => (IReadOnlyList<string>)[.. e.Value.Select(Text)]),
        };
    }

    private string Text(string text) => texts.GetValueOrDefault(text, text);

    private void Describe(JsonNode? node)
    {
        if (node is JsonArray list)
            foreach (var item in list) Describe(item);
        if (node is not JsonObject described) return;
        foreach (var (key, value) in described.ToList())
        {
            if (value?.GetValueKind() == JsonValueKind.String && TextKeys.Contains(key)) described[key] = Text(value.GetValue<string>());
            else if (key == "include") Label(value?["values"] as JsonObject);
            Describe(value);
        }
    }

    /// <summary>What is shown instead of the values that may be sent. A parameter may be called <c>include</c> too.</summary>
    private void Label(JsonObject? choices)
    {
        foreach (var (choice, label) in choices?.ToList() ?? [])
            if (label?.GetValueKind() == JsonValueKind.String) choices![choice] = Text(label.GetValue<string>());
    }
}
