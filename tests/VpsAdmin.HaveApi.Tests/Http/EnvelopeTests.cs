using System.Net;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Http;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(423)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Status_false_is_a_refusal_whatever_http_says(int status)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(status, "no way", """{"topic":["is odd","is long"],"limit":["is low"]}"""));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#list", [], null, null, Cancel));

        Assert.Equal((HttpStatusCode)status, e.HttpStatus);
        Assert.Equal("shelf#index", e.Action);
        Assert.Equal("no way", e.ServerMessage);
        Assert.Equal(["is odd", "is long"], e.Errors["topic"]);
        Assert.Equal("shelf#index: no way (topic: is odd, is long; limit: is low)", e.Message);
    }

    [Fact]
    public async Task Status_true_is_success_whatever_http_says()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Json(500, System.Text.Json.Nodes.JsonNode.Parse("""{"status":true,"response":{"shelves":[]}}""")!));
        using var api = await ConnectAsync(server);

        Assert.Empty((await api.CallAsync("shelf#index", [], null, null, Cancel)).List);
    }

    [Theory]
    [InlineData(404, "object not found", true)]
    [InlineData(200, "object Snapshot = 9999 not found", true)]
    [InlineData(200, "is odd", false)]
    [InlineData(423, "whose lock was not found", false)]
    public async Task Not_found_is_told_from_other_refusals(int status, string message, bool notFound)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(status, message));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal(notFound, e.IsNotFound);
    }

    [Fact]
    public async Task A_lock_says_when_to_come_back()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(
            423, "application/json", """{"status":false,"response":null,"message":"Resource is locked","errors":null}""", ("Retry-After", "7")));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.True(e.IsLocked);
        Assert.Equal(TimeSpan.FromSeconds(7), e.RetryAfter);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task A_refusal_may_be_silent(string errors)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(200, null, errors));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal("shelf#index failed without a reason", e.Message);
    }

    [Theory]
    [InlineData("""{"topic":"is odd"}""", "shelf#index: no (topic: is odd)")]
    [InlineData("""{"topic":["is odd",null,5]}""", "shelf#index: no (topic: is odd)")]
    [InlineData("[1]", "shelf#index: no")]
    public async Task Errors_of_another_shape_do_not_hide_the_message(string errors, string expected)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(200, "no", errors));
        using var api = await ConnectAsync(server);

        Assert.Equal(expected, (await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel))).Message);
    }

    [Fact]
    public async Task Messages_cannot_speak_to_the_terminal()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(200, "go\u001b[2J away\r\nnow", """{"to\u0007pic":["is\u001b[31m odd"]}"""));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal("shelf#index: go [2J away now (to pic: is [31m odd)", e.Message);
    }

    [Theory]
    [InlineData("""{"status":"true"}""")]
    [InlineData("""{"response":{}}""")]
    [InlineData("""{"status":true,"status":false}""")]
    [InlineData("""{"status":true,"response":{"a":1,"a":2}}""")]
    [InlineData("""{"status":true,"response":{"a":"\ud800"}}""")]
    [InlineData("""{"status":true,"response":{"\udc00":1}}""")]
    [InlineData("""{"status":true,""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Json_that_is_no_envelope_is_refused(string json)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(200, "application/json", json));
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(new byte[] { (byte)'"', 0xff, (byte)'"' }, context.RequestAborted);
        });
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }
}
