using System.Globalization;
using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Lays out what an action gave back (spec/haveapi 4).</summary>
/// <param name="pathIdsKey">What the protocol calls an object's ids.</param>
internal sealed class OutputWriter(string pathIdsKey, RequestMeta meta, Caller? caller)
{
    public JsonObject Write(Route route, ActionOutcome outcome)
    {
        var action = route.Action;
        var objects = outcome.Objects.Select(o => (o.PathIds, Values: Values(o))).ToList();
        var response = new JsonObject();
        if (action.ReturnsList)
        {
            if (!action.PlainHash && !meta.Suppressed)
                foreach (var (pathIds, values) in objects) values[RequestInput.MetaNamespace] = ObjectMeta(pathIds, resolved: true);
            response[route.OutputNamespace] = new JsonArray([.. objects.Select(o => o.Values)]);
        }
        else
        {
            response[route.OutputNamespace] = objects.Count == 0 ? new JsonObject() : objects[0].Values;
        }

        if (!meta.Suppressed) response[RequestInput.MetaNamespace] = ReplyMeta(action, outcome);
        return response;
    }

    /// <summary>Stands beside the namespace. Of a blocking action it holds the action state and nothing else.</summary>
    private JsonObject ReplyMeta(ApiAction action, ActionOutcome outcome)
    {
        if (action.Blocking) return new JsonObject { ["action_state_id"] = outcome.ActionStateId };
        if (action.ReturnsList) return meta.Count ? new JsonObject { ["total_count"] = outcome.TotalCount ?? outcome.Objects.Count } : [];
        return action.PlainHash || outcome.Objects.Count == 0 ? [] : ObjectMeta(outcome.Objects[0].PathIds, resolved: true);
    }

    private JsonObject ObjectMeta(IReadOnlyList<long> pathIds, bool resolved) =>
        new() { [pathIdsKey] = new JsonArray([.. pathIds.Select(id => JsonValue.Create(id))]), ["resolved"] = resolved };

    private JsonObject Values(OutputObject source)
    {
        var written = new JsonObject();
        foreach (var (parameter, value) in source.Values)
        {
            if (!parameter.IsOpenTo(caller)) continue;
            written[parameter.Name] = value switch
            {
                Association association => Write(association, parameter),
                OutputObject embedded => Embed(embedded),
                _ => Write(value, parameter),
            };
        }

        return written;
    }

    private JsonObject Embed(OutputObject embedded)
    {
        var written = Values(embedded);
        if (!meta.Suppressed) written[RequestInput.MetaNamespace] = ObjectMeta(embedded.PathIds, resolved: true);
        return written;
    }

    private JsonObject Write(Association association, OutputParameter parameter)
    {
        var written = new JsonObject { [parameter.ValueId] = association.PathIds[^1], [parameter.ValueLabel] = Write(association.Label, parameter) };
        if (!meta.Suppressed) written[RequestInput.MetaNamespace] = ObjectMeta(association.PathIds, resolved: false);
        return written;
    }

    private static JsonNode? Write(object? value, OutputParameter parameter) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        long number => JsonValue.Create(number),
        int or short or byte or uint or ushort or sbyte => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        double number => JsonValue.Create(number),
        DateTimeOffset time => JsonValue.Create(time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        JsonNode node => node.DeepClone(),
        _ => throw new InvalidOperationException($"{parameter.Name} is a {value.GetType()}, which has no form on the wire."),
    };
}
