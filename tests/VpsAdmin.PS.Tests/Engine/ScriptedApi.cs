using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>
/// A vpsAdmin of today or of 2016 whose every answer is said by the test, for what our own server does not do. It describes the actions that
/// it is given answers for.
/// </summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app = LoopbackApp.Create();
    private readonly Lock _gate = new();
    private readonly bool _isOld;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _answers = new();
    private readonly ConcurrentQueue<string> _received = new();
    private readonly JsonObject _resources = [];

    public ScriptedApi(bool isOld = false)
    {
        _isOld = isOld;
        Describe("user#current", "GET", "/users/current").On("GET /users/current", """{"user":{"id":1,"login":"admin","level":99}}""");
        _app.Run(AnswerAsync);
        _app.StartAsync().GetAwaiter().GetResult();
    }

    public string Address => _app.Urls.Single() + "/";

    private string Prefix => _isOld ? "/v2.0" : "/v7.0";

    /// <summary>What was asked since the connection was made, bodies included.</summary>
    public IReadOnlyList<string> Calls => [.. _received.SkipWhile(c => !c.Contains("/users/current", StringComparison.Ordinal)).Skip(1).Select(c => c.Replace(Prefix, "", StringComparison.Ordinal))];

    /// <param name="action">Such as <c>migration_plan.vps_migration#create</c>.</param>
    /// <param name="path">With one placeholder, <c>*</c>, for each id.</param>
    public ScriptedApi Describe(string action, string method, string path, params string[] parameters)
    {
        var (resource, name) = (action.Split('#')[0].Split('.'), action.Split('#')[1]);
        var described = _resources;
        foreach (var part in resource.SkipLast(1))
            described = Child(described, part)["resources"]!.AsObject();
        var singular = resource[^1];
        var plural = singular == "vps" ? "vpses" : singular + "s";
        var placeholders = 0;
        Child(described, singular)["actions"]!.AsObject()[name] = new JsonObject
        {
            ["auth"] = true,
            ["method"] = method,
            [_isOld ? "url" : "path"] = Prefix + string.Concat(path.Select(c => c != '*' ? $"{c}" : _isOld ? $":id_{(char)('a' + placeholders++)}" : $"{{id_{(char)('a' + placeholders++)}}}")),
            ["input"] = Block(singular, parameters),
            ["output"] = Block(name == "index" ? plural : singular, []),
        };
        return this;
    }

    /// <summary>The described actions of a resource may go on in the background when they have answered.</summary>
    public ScriptedApi Blocking(string resource, params string[] actions)
    {
        foreach (var action in actions)
            Child(_resources, resource)["actions"]![action]!["blocking"] = true;
        return this;
    }

    /// <summary>Answers of one method and path, one for each request in turn; the last one goes on. One that begins with <c>!</c> is a refusal.</summary>
    public ScriptedApi On(string methodAndPath, params string[] responses)
    {
        _answers[methodAndPath] = new ConcurrentQueue<string>(responses);
        return this;
    }

    /// <summary>A session that is connected to this server, with a token of its own: descriptions are kept by address and token, and ports come again.</summary>
    public EngineSession Connect()
    {
        var session = new EngineSession();
        var connected = session.Run("param($Uri, $Token) $t = [securestring]::new(); $Token.ToCharArray() | ForEach-Object { $t.AppendChar($_) }; Connect-VpsAdmin $Uri -Token $t", ("Uri", Address), ("Token", Guid.NewGuid().ToString()));
        Assert.Empty(connected.Errors.Select(e => e.ToString()));
        return session;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static JsonObject Child(JsonObject resources, string name)
    {
        if (resources[name] is not JsonObject child)
            resources[name] = child = new JsonObject { ["actions"] = new JsonObject(), ["resources"] = new JsonObject() };
        return child;
    }

    private static JsonObject Block(string name, string[] parameters) => new()
    {
        ["namespace"] = name,
        ["layout"] = "object",
        ["parameters"] = new JsonObject(parameters.Select(static p => KeyValuePair.Create<string, JsonNode?>(p, new JsonObject { ["type"] = "Custom" }))),
    };

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var url = new Uri(_app.Urls.Single() + context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        string answer;
        lock (_gate)
            answer = Answer(context.Request.Method, url, body).ToJsonString();
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer, context.RequestAborted);
    }

    private JsonObject Answer(string method, Uri url, string body)
    {
        _received.Enqueue($"{method} {url.PathAndQuery}{(body.Length == 0 ? "" : " " + body)}");
        var version = Prefix[2..];
        if (method == "OPTIONS")
            return Envelope(url.AbsolutePath == "/"
                ? new JsonObject { ["versions"] = new JsonArray(version), ["default"] = version }
                : new JsonObject { ["authentication"] = JsonNode.Parse(Tokens), ["resources"] = _resources.DeepClone() });
        var route = $"{method} {(url.AbsolutePath.StartsWith(Prefix, StringComparison.Ordinal) ? url.AbsolutePath[Prefix.Length..] : url.AbsolutePath)}";
        if (!_answers.TryGetValue(route, out var answers))
            return Envelope(null, $"object not found: {route}");
        var answer = answers.Count > 1 && answers.TryDequeue(out var next) ? next : answers.First();
        return answer[0] == '!' ? Envelope(null, answer[1..]) : Envelope(JsonNode.Parse(answer));
    }

    private JsonObject Envelope(JsonNode? response, string? refusal = null) => new()
    {
        ["version"] = _isOld ? "1.0" : "2.0", ["status"] = refusal is null, ["response"] = response, ["message"] = refusal, ["errors"] = null,
    };

    private const string Tokens = """
        {"token":{"http_header":"X-HaveAPI-Auth-Token","query_parameter":"_auth_token","resources":{"token":{"actions":{
          "revoke":{"auth":true,"method":"POST","path":"/_auth/token/tokens/revoke","url":"/_auth/token/tokens/revoke",
            "input":{"parameters":{},"layout":"object","namespace":"token"},"output":{"parameters":{},"layout":"object","namespace":"token"}}},"resources":{}}}}}
        """;
}
