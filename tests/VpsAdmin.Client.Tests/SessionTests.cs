using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.Scripted;
using static VpsAdmin.Client.Tests.Connected;

namespace VpsAdmin.Client.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task Sessions_are_fetched_page_after_page()
    {
        await using var it = await ToNewAsync(WithSessions());
        it.Server.On("GET /v7.0/user_sessions", Answer.Ok($$"""{"user_sessions":[{{Session(9)}},{{Session(8)}}]}"""), Answer.Ok($$"""{"user_sessions":[{{Session(5)}}]}"""));

        var sessions = await it.Client.ListUserSessionsAsync(null, Cancel);

        Assert.Equal([9, 8, 5], sessions.Select(s => s.Id));
        Assert.Equal(
            new UserSession(
                9, new Reference(3, "jane"), "laptop", "token", "192.0.2.1", "curl", "all", "0123", new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero),
                null, null),
            sessions[0]);
        Assert.Equal(
            ["GET /v7.0/user_sessions?user_session[limit]=2", "GET /v7.0/user_sessions?user_session[limit]=2&user_session[from_id]=8"],
            it.Calls.Select(Uri.UnescapeDataString));
    }

    [Fact]
    public async Task A_session_is_closed_by_its_id()
    {
        await using var it = (await ToNewAsync(WithSessions())).On("POST /v7.0/user_sessions/9", "{}");

        await it.Client.CloseUserSessionAsync(9, Cancel);

        Assert.Equal("POST /v7.0/user_sessions/9 {}", it.Calls[^1]);
    }

    [Fact]
    public async Task Downloads_are_listed_by_dataset_and_snapshot()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads", $$"""{"snapshot_downloads":[{{Replies.Download}}]}""");

        Assert.Single(await it.Client.ListDownloadsAsync(new DownloadFilter(DatasetId: 6, SnapshotId: 42), Cancel));
        Assert.Empty(await it.Client.ListDownloadsAsync(new DownloadFilter(SnapshotId: 41), Cancel));

        Assert.Equal("GET /v7.0/snapshot_downloads?snapshot_download[dataset]=6&snapshot_download[snapshot]=42", Uri.UnescapeDataString(it.Calls[0]));
    }

    [Fact]
    public async Task A_filter_that_a_server_lacks_is_not_left_out_in_silence()
    {
        var description = Fixture.Read("vpsadmin-7.json");
        description["resources"]!["snapshot_download"]!["actions"]!["index"]!["input"]!["parameters"]!.AsObject().Remove("dataset");
        await using var it = await ToNewAsync(description);

        await Assert.ThrowsAsync<NotDescribedException>(() => it.Client.ListDownloadsAsync(new DownloadFilter(DatasetId: 6), Cancel));
    }

    private static JsonObject WithSessions()
    {
        var description = Fixture.Read("vpsadmin-7.json");
        description["resources"]!["user_session"] = JsonNode.Parse("""
            {"actions":{
              "index":{"method":"GET","path":"/v7.0/user_sessions",
                "input":{"namespace":"user_session","parameters":{"from_id":{"type":"Integer"},
                  "limit":{"type":"Integer","default":25,"validators":{"number":{"min":0,"max":2}}}}},
                "output":{"namespace":"user_sessions","parameters":{"user":{"type":"Resource","resource":["user"],"value_id":"id","value_label":"login"}}}},
              "close":{"method":"POST","path":"/v7.0/user_sessions/{user_session_id}","input":{"namespace":"user_session","parameters":{}}}}}
            """);
        return description;
    }

    private static string Session(int id) => $$"""
        {"id":{{id}},"user":{"id":3,"login":"jane"},"label":"laptop","auth_type":"token","client_ip_addr":"192.0.2.1","user_agent":"curl","scope":"all",
         "token_fragment":"0123","created_at":"2026-03-02T00:00:00Z","last_request_at":null,"closed_at":null}
        """;
}
