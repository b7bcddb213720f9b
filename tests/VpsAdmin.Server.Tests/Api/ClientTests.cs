using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Server.Tests.Api;

/// <summary>The project's own client talks to the sample API.</summary>
public sealed class ClientTests(SampleServer server) : IClassFixture<SampleServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_in_calls_nested_actions_waits_for_a_blocking_one_and_logs_out()
    {
        using var client = await ConnectAsync(TokenAuthentication.Request("alice", MemoryAccounts.Password, TokenLifetime.Fixed, TimeSpan.FromMinutes(5)));
        Assert.Equal(("7.0", "2.0"), (client.ApiVersion, client.ProtocolVersion));
        Assert.False(client.Has("member#create"));

        var tasks = await client.CallAsync("project.task#list", [1], null, null, Cancel);
        Assert.Equal([41L, 42L], tasks.List.Select(t => t["id"]!.GetValue<long>()));
        var task = await client.CallAsync("project.task#create", [1], new JsonObject { ["label"] = "dock", ["done"] = true }, null, Cancel);
        Assert.Equal(("dock", true), (task.Object["label"]!.GetValue<string>(), task.Object["done"]!.GetValue<bool>()));

        var run = await client.CallAsync("project.task#run", [1, 41], null, null, Cancel);
        var running = Assert.NotNull(run.ActionStateId);
        Assert.Equal(41, running);
        var state = await client.WaitAsync(running, null, Cancel);
        Assert.True(state.Succeeded);

        await client.LogoutAsync(Cancel);
        var error = await Assert.ThrowsAsync<ActionFailedException>(() => client.CallAsync("member#current", [], null, null, Cancel));
        Assert.True(error.IsUnauthorized);
    }

    [Fact]
    public async Task Input_of_every_method_arrives()
    {
        using var client = await ConnectAsync(new BasicAuthentication("alice", MemoryAccounts.Password));
        var page = await client.CallAsync("project#index", [], new JsonObject { ["limit"] = 1, ["from_id"] = 1 }, new CallMeta(Count: true), Cancel);
        Assert.Equal("gemini", Assert.Single(page.List)["name"]!.GetValue<string>());
        Assert.Equal(2, page.Meta!["total_count"]!.GetValue<long>());
        var unowned = await client.CallAsync("project#index", [], new JsonObject { ["owner"] = null }, null, Cancel);
        Assert.Equal("gemini", Assert.Single(unowned.List)["name"]!.GetValue<string>());
        var included = await client.CallAsync("project.task#show", [1, 41], null, new CallMeta(Includes: ["project__owner"]), Cancel);
        Assert.True(included.Object["project"]!["owner"]!["_meta"]!["resolved"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Refusals_reach_the_caller_with_their_reasons()
    {
        using var client = await ConnectAsync(new BasicAuthentication("alice", MemoryAccounts.Password));
        var missing = await Assert.ThrowsAsync<ActionFailedException>(() => client.CallAsync("project#show", [9], null, null, Cancel));
        Assert.True(missing.IsNotFound);
        var locked = await Assert.ThrowsAsync<ActionFailedException>(() => client.CallAsync("test#locked", [], null, null, Cancel));
        Assert.True(locked.IsLocked);
        var invalid = await Assert.ThrowsAsync<ActionFailedException>(
            () => client.CallAsync("project.task#create", [1], new JsonObject { ["label"] = "" }, null, Cancel));
        Assert.Equal("must be present and non-empty", Assert.Single(invalid.Errors["label"]));
    }

    [Fact]
    public async Task A_wrong_password_gets_no_token()
    {
        var error = await Assert.ThrowsAsync<ActionFailedException>(
            () => ConnectAsync(TokenAuthentication.Request("alice", "wrong", TokenLifetime.Fixed, TimeSpan.FromMinutes(5))));
        Assert.Equal((HttpStatusCode.OK, "invalid user or password"), (error.HttpStatus, error.ServerMessage));
    }

    private Task<HaveApiClient> ConnectAsync(IAuthentication authentication) => HaveApiClient.ConnectAsync(server.BaseUri, authentication, null, null, Cancel);
}
