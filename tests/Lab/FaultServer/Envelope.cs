using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.FaultServer;

/// <summary>Answers in HaveAPI's envelope.</summary>
internal static class Envelope
{
    private const string Protocol = "2.0";

    public static Task ReplyAsync(HttpResponse response, JsonNode? result) => WriteAsync(response, 200, true, result, null);

    public static Task RefuseAsync(HttpResponse response, int status, string message) => WriteAsync(response, status, false, null, message);

    private static Task WriteAsync(HttpResponse response, int status, bool success, JsonNode? result, string? message)
    {
        var envelope = new JsonObject { ["version"] = Protocol, ["status"] = success, ["response"] = result, ["message"] = message, ["errors"] = null };
        response.StatusCode = status;
        response.ContentType = "application/json;charset=utf-8";
        return response.WriteAsync(envelope.ToJsonString(), Encoding.UTF8, response.HttpContext.RequestAborted);
    }
}
