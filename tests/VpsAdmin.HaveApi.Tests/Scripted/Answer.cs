using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.Scripted;

/// <summary>What a <see cref="ScriptedServer"/> says.</summary>
internal static class Answer
{
    public static RequestDelegate Ok(string response) => Ok(JsonNode.Parse(response));

    public static RequestDelegate Ok(JsonNode? response) => Json(200, Envelope(true, response, null, null));

    public static RequestDelegate Options(JsonNode? response, string? protocol)
    {
        var envelope = Envelope(true, response, null, null);
        if (protocol is not null)
            envelope["version"] = protocol;
        return Json(200, envelope);
    }

    public static RequestDelegate Refuse(int status, string? message, string? errors = null) =>
        Json(status, Envelope(false, null, message, errors is null ? null : JsonNode.Parse(errors)));

    public static RequestDelegate Json(int status, JsonNode json) => Text(status, "application/json;charset=utf-8", json.ToJsonString());

    public static RequestDelegate Text(int status, string contentType, string text, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        await context.Response.WriteAsync(text, context.RequestAborted);
    };

    /// <summary>Takes the request and never answers; <paramref name="taken"/> tells that it came.</summary>
    public static RequestDelegate Never(TaskCompletionSource taken) => async context =>
    {
        taken.TrySetResult();
        var aborted = new TaskCompletionSource();
        await using (context.RequestAborted.Register(aborted.SetResult))
            await aborted.Task;
    };

    private static JsonObject Envelope(bool status, JsonNode? response, string? message, JsonNode? errors) => new()
    {
        ["status"] = status,
        ["response"] = response?.DeepClone(),
        ["message"] = message,
        ["errors"] = errors,
    };
}
