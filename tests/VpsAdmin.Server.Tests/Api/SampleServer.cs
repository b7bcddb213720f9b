using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Api;

/// <summary>The sample catalogue on a real Kestrel, one for all tests of a class.</summary>
public sealed class SampleServer : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public SampleServer() : this(new HaveApiOptions()) { }

    internal SampleServer(HaveApiOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        builder.Services.AddSingleton<IAccounts>(new MemoryAccounts());
        builder.Services.AddHaveApi(SampleCatalogue.Resources, options);
        _app = builder.Build();
        _app.MapHaveApi();
    }

    internal CapturedLog Log { get; } = new();

    public Uri BaseUri => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public async ValueTask InitializeAsync() => await _app.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Sends exactly this.</summary>
    internal async Task<Answer> SendAsync(string method, string path, HttpContent? body = null, string? user = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(BaseUri, path)) { Content = body };
        if (user is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{MemoryAccounts.Password}")));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase), text);
    }

    internal Task<Answer> GetAsync(string path, string? user = null) => SendAsync("GET", path, user: user);

    internal Task<Answer> PostAsync(string path, [System.Diagnostics.CodeAnalysis.StringSyntax("Json")] string json, string? user = null) =>
        SendAsync("POST", path, Json(json), user);

    internal static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    internal async Task<string> TokenAsync(string user = "alice", string lifetime = "renewable_manual")
    {
        var answer = await PostAsync("/_auth/token/tokens", $$$"""{"token":{"user":"{{{user}}}","password":"{{{MemoryAccounts.Password}}}","lifetime":"{{{lifetime}}}"}}""");
        return answer.Json["response"]!["token"]!["token"]!.GetValue<string>();
    }
}

internal sealed record Answer(int Status, string? ContentType, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Response => Json["response"]!;

    public string? Message => Json["message"]?.GetValue<string>();

    /// <summary>Fails unless the whole envelope is this.</summary>
    public void IsExactly(int status, [System.Diagnostics.CodeAnalysis.StringSyntax("Json")] string json)
    {
        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), Json.ToJsonString());
        Assert.Equal(status, Status);
        Assert.Equal("application/json; charset=utf-8", ContentType);
    }
}
