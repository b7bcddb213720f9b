using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;

namespace VpsAdmin.Client.Tests;

/// <summary>A scripted vpsAdmin of one generation with a client connected to it.</summary>
internal sealed class Connected : IAsyncDisposable
{
    private Connected(ScriptedServer server, VpsAdminClient client) => (Server, Client) = (server, client);

    public ScriptedServer Server { get; }

    public VpsAdminClient Client { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>vpsAdmin of today: API 7.0, protocol 2.0.</summary>
    public static Task<Connected> ToNewAsync(JsonObject? description = null) =>
        ToAsync(description ?? Fixture.Read("vpsadmin-7.json"), "7.0", "2.0");

    /// <summary>vpsAdmin of 2016: API 2.0, protocol 1.0.</summary>
    public static Task<Connected> ToOldAsync(JsonObject? description = null) =>
        ToAsync(description ?? Fixture.Read("vpsadmin-2.json"), "2.0", "1.0");

    /// <summary>The requests since connecting.</summary>
    public IReadOnlyList<string> Calls => [.. Server.Received.Skip(2).Select(r => r.ToString())];

    public Connected On(string methodAndPath, string response)
    {
        Server.On(methodAndPath, Answer.Ok(response));
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private static async Task<Connected> ToAsync(JsonObject description, string apiVersion, string protocol)
    {
        var server = (await ScriptedServer.StartAsync()).Describe(description, apiVersion, protocol);
        var api = await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, null, Cancel);
        return new Connected(server, new VpsAdminClient(api));
    }
}
