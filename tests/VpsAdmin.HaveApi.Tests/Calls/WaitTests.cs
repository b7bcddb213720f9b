using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class WaitTests
{
    [Fact]
    public async Task A_state_is_shown_then_polled_with_the_last_state_until_it_is_finished()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/action_states/7", State(current: 0))
            .On("GET /v7.0/action_states/7/poll", State(current: 1), State(current: 3, finished: true));
        using var api = await ConnectAsync(server);
        var seen = new Reports();

        var final = await api.WaitAsync(7, seen, Cancel);

        Assert.Equal(new ActionState(7, "Burn", true, true, 3, 3, "books", false), final);
        Assert.True(final.Succeeded);
        Assert.Equal([0, 1, 3], seen.Select(s => s.Current));
        Assert.Equal([Poll(0), Poll(1)], server.Received.Skip(3).Select(r => r.Target));
    }

    [Fact]
    public async Task A_finished_state_is_not_polled()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/action_states/7", State(current: 2, finished: true, status: false));
        using var api = await ConnectAsync(server);

        var final = await api.WaitAsync(7, null, Cancel);

        Assert.False(final.Succeeded);
        Assert.Equal("GET /v7.0/action_states/7", server.Last());
    }

    [Fact]
    public async Task A_server_that_answers_polls_at_once_without_news_is_not_asked_again_at_once()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/action_states/7", State(current: 0))
            .On("GET /v7.0/action_states/7/poll", State(current: 0), State(current: 3, finished: true));
        var time = new TimeThatTells(TimeSpan.FromSeconds(1));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions { Time = time });
        var seen = new Reports();

        var waiting = api.WaitAsync(7, seen, Cancel);
        await Task.WhenAny(time.Waited, waiting).WaitAsync(Cancel);
        Assert.Equal(Poll(0), server.Received[^1].Target);
        Assert.Equal(4, server.Received.Count);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await waiting).Succeeded);
        Assert.Equal([0, 3], seen.Select(s => s.Current));
    }

    [Fact]
    public async Task A_poll_may_take_its_fifteen_seconds_on_top_of_the_timeout()
    {
        await using var server = await StartAsync();
        var polled = new TaskCompletionSource();
        var time = new FakeTimeProvider();
        server.On("GET /v7.0/action_states/7", State(current: 0)).On("GET /v7.0/action_states/7/poll", Answer.Never(polled));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions(Timeout: TimeSpan.FromSeconds(10)) { Time = time, WaitRetries = 0 });

        var waiting = api.WaitAsync(7, null, Cancel);
        await polled.Task.WaitAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(25));

        var e = await Assert.ThrowsAsync<ApiUnreachableException>(() => waiting);
        Assert.Contains("within 25 s", e.Message);
    }

    [Fact]
    public async Task An_unknown_state_is_refused_by_the_server()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/action_states/7", Answer.Refuse(200, "Action state not found"));
        using var api = await ConnectAsync(server);

        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => api.WaitAsync(7, null, Cancel))).IsNotFound);
    }

    [Theory]
    [InlineData("""{"id":8,"finished":true,"status":true}""", "'id'")]
    [InlineData("""{"id":7,"finished":"yes","status":true}""", "'finished'")]
    [InlineData("""{"id":7,"finished":true}""", "'status'")]
    [InlineData("""{"id":7,"finished":true,"status":true,"current":-1}""", "'current'")]
    public async Task A_state_of_another_shape_is_refused(string state, string field)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/action_states/7", Answer.Ok($$"""{"action_state":{{state}}}"""));
        using var api = await ConnectAsync(server);

        Assert.Contains(field, (await Assert.ThrowsAsync<ProtocolException>(() => api.WaitAsync(7, null, Cancel))).Message);
    }

    private static RequestDelegate State(long current, bool finished = false, bool status = true) => Answer.Ok(new JsonObject
    {
        ["action_state"] = new JsonObject
        {
            ["id"] = 7,
            ["label"] = "Burn",
            ["finished"] = finished,
            ["status"] = status,
            ["current"] = current,
            ["total"] = 3,
            ["unit"] = "books",
            ["can_cancel"] = false,
            ["created_at"] = "2026-01-01T00:00:00Z",
        },
    });

    private static string Poll(long current) =>
        "/v7.0/action_states/7/poll?action_state%5Btimeout%5D=15&action_state%5Bupdate_in%5D=3&action_state%5Bstatus%5D=true"
        + string.Create(CultureInfo.InvariantCulture, $"&action_state%5Bcurrent%5D={current}&action_state%5Btotal%5D=3");

    /// <summary>Progress that is told where it happens, not on another thread.</summary>
    private sealed class Reports : List<ActionState>, IProgress<ActionState>
    {
        public void Report(ActionState value) => Add(value);
    }
}
