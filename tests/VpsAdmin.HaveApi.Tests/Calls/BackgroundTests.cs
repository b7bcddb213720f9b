using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class BackgroundTests
{
    [Fact]
    public async Task A_cancellation_is_a_background_action_itself()
    {
        await using var server = await ServerAsync();
        server.On("POST /v7.0/action_states/7/cancel", Answer.Ok("""{"action_state":{},"_meta":{"action_state_id":8}}"""), Answer.Ok("{}"));
        using var api = await ConnectAsync(server);

        Assert.Equal(8, await api.CancelAsync(7, Cancel));
        Assert.Null(await api.CancelAsync(7, Cancel));
    }

    [Fact]
    public async Task An_action_that_cannot_be_cancelled_says_so()
    {
        await using var server = await ServerAsync();
        server.On("POST /v7.0/action_states/7/cancel", Answer.Refuse(200, "action cancellation is not implemented by this API"));
        using var api = await ConnectAsync(server);

        Assert.Contains("not implemented", (await Assert.ThrowsAsync<ActionFailedException>(() => api.CancelAsync(7, Cancel))).Message);
    }

    [Fact]
    public async Task What_goes_on_is_listed()
    {
        await using var server = await ServerAsync();
        server.On("GET /v7.0/action_states", Answer.Ok(
            """{"action_states":[{"id":9,"label":"Burn","finished":false,"status":true,"current":0,"total":0,"unit":null,"can_cancel":true}]}"""));
        using var api = await ConnectAsync(server);

        Assert.Equal([new ActionState(9, "Burn", false, true, 0, 0, null, true)], await api.GetPendingAsync(Cancel));
    }

    [Fact]
    public async Task A_server_without_action_states_says_so()
    {
        await using var now = await StartAsync();
        await using var then = await StartOldAsync();
        using var newApi = await ConnectAsync(now);
        using var oldApi = await ConnectAsync(then);

        Assert.True(newApi.HasActionStates);
        Assert.False(oldApi.HasActionStates);
        await Assert.ThrowsAsync<NotDescribedException>(() => oldApi.WaitAsync(7, null, Cancel));
    }

    [Fact]
    public async Task Faults_while_waiting_are_borne()
    {
        await using var server = await ServerAsync();
        var time = new HastyTime();
        server.On("GET /v7.0/action_states/7", Answer.Text(502, "text/html", "gone"), State(false))
            .On("GET /v7.0/action_states/7/poll", Answer.Refuse(500, "Server error occurred"), Answer.Refuse(503, "later"), State(true));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions { Time = time });

        Assert.True((await api.WaitAsync(7, null, Cancel)).Succeeded);
    }

    [Fact]
    public async Task Faults_without_end_are_not()
    {
        await using var server = await ServerAsync();
        server.On("GET /v7.0/action_states/7", Answer.Text(502, "text/html", "gone"));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions { Time = new HastyTime(), WaitRetries = 3 });

        await Assert.ThrowsAsync<ApiUnreachableException>(() => api.WaitAsync(7, null, Cancel));

        Assert.Equal(4, server.Received.Count(r => r.Method == "GET"));
    }

    [Fact]
    public async Task A_poll_that_takes_no_last_state_is_not_told_to_look_for_changes()
    {
        var description = Described();
        description["resources"]!["action_state"]!["actions"]!["poll"]!["input"]!["parameters"]!.AsObject().Remove("total");
        await using var server = await StartAsync(description);
        server.On("GET /v7.0/action_states/7", State(false)).On("GET /v7.0/action_states/7/poll", State(true));
        using var api = await ConnectAsync(server);

        await api.WaitAsync(7, null, Cancel);

        Assert.Equal("GET /v7.0/action_states/7/poll?action_state%5Btimeout%5D=15", server.Last());
    }

    private static Task<ScriptedServer> ServerAsync() => StartAsync(Described());

    private static JsonObject Described()
    {
        var description = Protocol2;
        var actions = description["resources"]!["action_state"]!["actions"]!;
        actions["index"] = JsonNode.Parse("""
            {"method":"GET","path":"/v7.0/action_states","input":{"parameters":{},"layout":"hash","namespace":"action_state"},
             "output":{"parameters":{},"layout":"hash_list","namespace":"action_states"}}
            """);
        actions["cancel"] = JsonNode.Parse("""
            {"method":"POST","path":"/v7.0/action_states/{action_state_id}/cancel","blocking":true,
             "input":{"parameters":{},"layout":"object","namespace":"action_state"},"output":{"parameters":{},"layout":"hash","namespace":"action_state"}}
            """);
        return description;
    }

    private static RequestDelegate State(bool finished) =>
        Answer.Ok($$$"""{"action_state":{"id":7,"finished":{{{(finished ? "true" : "false")}}},"status":true,"current":0,"total":1}}""");

    /// <summary>Pauses take no time; what waits for a minute (a call's timeout) waits.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(60) && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
