using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.Lab.Vps2016;

/// <summary>A request to an action's input as HaveAPI 0.5 reads it: query or body for whatever method, types by goodwill.</summary>
internal static partial class OldInput
{
    /// <returns>Null when the body is not JSON.</returns>
    public static JsonObject? Read(HttpRequest request, string body, string ns)
    {
        var input = new JsonObject();
        foreach (var (key, value) in request.Query)
        {
            if (InNamespace().Match(key) is { Success: true } match && match.Groups[1].Value == ns)
                input[match.Groups[2].Value] = value.ToString();
        }
        if (body.Length == 0)
            return input;
        try
        {
            foreach (var (name, value) in JsonNode.Parse(body)?[ns] as JsonObject ?? [])
                input[name] = value?.DeepClone();
            return input;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Of the header or the query, whichever is there.</summary>
    public static string? Token(HttpRequest request) =>
        request.Headers[OldVpsAdmin.TokenHeader].ToString() is { Length: > 0 } header ? header
        : request.Query["_auth_token"].ToString() is { Length: > 0 } query ? query
        : null;

    public static (string User, string Password)? Basic(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.Ordinal))
            return null;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2);
        return pair.Length == 2 ? (pair[0], pair[1]) : null;
    }

    /// <exception cref="OldFailure"/>
    public static void Check(OldAction action, JsonObject input)
    {
        var errors = new JsonObject();
        foreach (var parameter in action.Input)
        {
            var value = input[parameter.Name];
            if (value is null && parameter.Default is { } usual)
                input[parameter.Name] = JsonNode.Parse(usual);
            else if (value is null && parameter.Required)
                errors[parameter.Name] = new JsonArray("required parameter missing");
            else if (value is not null && parameter.Choices is { } choices && !choices.Contains(value.ToString()))
                errors[parameter.Name] = new JsonArray($"{value} cannot be used");
        }
        if (errors.Count > 0)
            throw new OldFailure("input parameters not valid", errors);
    }

    [GeneratedRegex(@"\A([a-z_]+)\[([a-z_]+)\]\z")]
    private static partial Regex InNamespace();
}
