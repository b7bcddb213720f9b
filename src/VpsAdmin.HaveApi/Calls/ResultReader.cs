using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>A reply and the description of its action to a result. Pure.</summary>
internal static class ResultReader
{
    private const int MessageLength = 2000;

    public static ActionResult Read(string name, ActionDescription action, string metaNamespace, ApiReply reply)
    {
        var response = Success(name, reply);
        if (response is null)
            return new ActionResult(null, null, null);
        if (response is not JsonObject envelope)
            throw new ProtocolException($"The server's reply to {name} is not an object.");

        var meta = envelope[metaNamespace] as JsonObject;
        var output = RequestBuilder.Namespace(action.Output) is { } ns ? envelope[ns] : null;
        return new ActionResult(output, meta, action.Blocking ? ActionState(name, meta) : null);
    }

    /// <summary>The response of a reply that says it went well.</summary>
    /// <exception cref="ActionFailedException"/>
    public static JsonNode? Success(string name, ApiReply reply)
    {
        if (reply.Envelope.Status)
            return reply.Envelope.Response;
        var errors = (reply.Envelope.Errors ?? new Dictionary<string, IReadOnlyList<string>>())
            .ToDictionary(e => Clean(e.Key), e => (IReadOnlyList<string>)[.. e.Value.Select(Clean)]);
        var message = reply.Envelope.Message is { } text ? Clean(text) : null;
        throw new ActionFailedException(name, reply.Status, message, errors, reply.RetryAfter);
    }

    private static string Clean(string text) => ServerText.Printable(text, MessageLength);

    private static long? ActionState(string name, JsonObject? meta) => meta?["action_state_id"] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out long id) && id > 0 => id,
        _ => throw new ProtocolException($"The server's reply to {name} has an action_state_id that is not an id."),
    };
}
