using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;

namespace VpsAdmin.HaveApi.Tests;

/// <summary>The fixtures' server: a library of shelves and books, in protocol 2.0 or 1.0.</summary>
internal static class Library
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static JsonObject Protocol2 => Fixture.Read("protocol-2.json");

    public static JsonObject Protocol1 => Fixture.Read("protocol-1.json");

    public static async Task<ScriptedServer> StartAsync(JsonObject? description = null) =>
        (await ScriptedServer.StartAsync()).Describe(description ?? Protocol2, "7.0", "2.0");

    public static async Task<ScriptedServer> StartOldAsync() => (await ScriptedServer.StartAsync()).Describe(Protocol1, "2.0", "1.0");

    public static Task<HaveApiClient> ConnectAsync(
        ScriptedServer server, IAuthentication? authentication = null, HaveApiClientOptions? options = null) =>
        HaveApiClient.ConnectAsync(server.Address, authentication ?? new NoAuthentication(), options, null, Cancel);

    /// <summary>The last request, as text.</summary>
    public static string Last(this ScriptedServer server) => server.Received[^1].ToString();
}
