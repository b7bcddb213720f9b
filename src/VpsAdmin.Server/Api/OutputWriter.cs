using System.Globalization;
using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Lays out what an action gave back (spec/haveapi 4).</summary>
internal static class OutputWriter
{
    public static JsonObject Write(Route route, ActionOutcome outcome, RequestMeta meta, Caller? caller)
    {
        var action = route.Action;
        var objects = outcome.Objects.Select(o => (o.PathIds, Values: Values(o, meta, caller))).ToList();
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

        if (!meta.Suppressed) response[RequestInput.MetaNamespace] = ReplyMeta(action, outcome, meta);
        return response;
    }

    /// <summary>Stands beside the namespace. Of a blocking action it holds the action state and nothing else.</summary>
    private static JsonObject ReplyMeta(ApiAction action, ActionOutcome outcome, RequestMeta meta)
    {
        if (action.Blocking) return new JsonObject { ["action_state_id"] = outcome.ActionStateId };
        if (action.ReturnsList) return meta.Count ? new JsonObject { ["total_count"] = outcome.TotalCount ?? outcome.Objects.Count } : [];
        return action.PlainHash || outcome.Objects.Count == 0 ? [] : ObjectMeta(outcome.Objects[0].PathIds, resolved: true);
    }

    private static JsonObject ObjectMeta(IReadOnlyList<long> pathIds, bool resolved) =>
        new() { ["path_params"] = new JsonArray([.. pathIds.Select(id => JsonValue.Create(id))]), ["resolved"] = resolved };

    private static JsonObject Values(OutputObject source, RequestMeta meta, Caller? caller)
    {
        var written = new JsonObject();
        foreach (var (parameter, value) in source.Values)
        {
            if (parameter.AdminOnly && caller is not { IsAdmin: true }) continue;
            written[parameter.Name] = value switch
            {
                Association association => Write(association, parameter, meta),
                OutputObject embedded => Embed(embedded, meta, caller),
                _ => Write(value, parameter),
            };
        }

        return written;
    }

    private static JsonObject Embed(OutputObject embedded, RequestMeta meta, Caller? caller)
    {
        var written = Values(embedded, meta, caller);
        if (!meta.Suppressed) written[RequestInput.MetaNamespace] = ObjectMeta(embedded.PathIds, resolved: true);
        return written;
    }

    private static JsonObject Write(Association association, OutputParameter parameter, RequestMeta meta)
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
