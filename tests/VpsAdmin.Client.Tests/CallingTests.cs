using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.Scripted;
using static VpsAdmin.Client.Tests.Connected;

namespace VpsAdmin.Client.Tests;

public sealed class CallingTests
{
    [Fact]
    public async Task Datasets_of_a_vps_are_asked_for_by_vps_where_the_server_can()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets", """{"datasets":[]}""");

        await it.Client.GetDatasetsAsync(12, Cancel);

        Assert.Equal(["GET /v7.0/datasets?dataset%5Bvps%5D=12"], it.Calls);
    }

    [Fact]
    public async Task Datasets_of_a_vps_are_asked_for_by_its_root_on_old_servers()
    {
        await using var it = (await ToOldAsync()).On("GET /v2.0/vpses/12", $$"""{"vps":{{Replies.Vps}}}""").On("GET /v2.0/datasets", """{"datasets":[]}""");

        await it.Client.GetDatasetsAsync(12, Cancel);

        Assert.Equal(["GET /v2.0/vpses/12", "GET /v2.0/datasets?dataset%5Bdataset%5D=5"], it.Calls);
    }

    [Fact]
    public async Task Lists_are_asked_for_whole()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6/snapshots", """{"snapshots":[]}""");

        Assert.Empty(await it.Client.GetSnapshotsAsync(6, Cancel));
        Assert.Equal(["GET /v7.0/datasets/6/snapshots"], it.Calls);
    }

    [Fact]
    public async Task Snapshots_come_oldest_first_with_the_unconfirmed()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6/snapshots", $$"""
            {"snapshots":[{{Snapshot(3, "c (unconfirmed)", "2026-03-03T00:00:00Z")}},{{Snapshot(2, "b", "2026-03-01T00:00:00Z")}},{{Snapshot(1, "a", "2026-03-01T00:00:00Z")}}]}
            """);

        Assert.Equal([1, 2, 3], (await it.Client.GetSnapshotsAsync(6, Cancel)).Select(s => s.Id));
    }

    [Fact]
    public async Task A_snapshot_is_found_by_its_id_alone()
    {
        await using var it = await ToNewAsync();
        it.On("GET /v7.0/datasets", $$"""{"datasets":[{{Replies.With(Replies.Dataset, "id", "5")}},{{Replies.Dataset}},{{Replies.With(Replies.Dataset, "id", "9")}}]}""")
            .On("GET /v7.0/datasets/6/snapshots", $$"""{"snapshots":[{{Replies.Snapshot}}]}""");
        it.Server.On("GET /v7.0/datasets/5/snapshots", Answer.Refuse(404, "object not found"));

        var found = await it.Client.FindSnapshotAsync(41, Cancel);

        Assert.Equal((41, 6), (found!.Id, found.DatasetId));
        Assert.DoesNotContain("GET /v7.0/datasets/9/snapshots", it.Calls);
    }

    [Fact]
    public async Task A_snapshot_that_no_dataset_has_is_null()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets", $$"""{"datasets":[{{Replies.Dataset}}]}""")
            .On("GET /v7.0/datasets/6/snapshots", """{"snapshots":[]}""");

        Assert.Null(await it.Client.FindSnapshotAsync(41, Cancel));
    }

    [Fact]
    public async Task Looking_for_a_snapshot_does_not_hide_other_failures()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets", $$"""{"datasets":[{{Replies.Dataset}}]}""");
        it.Server.On("GET /v7.0/datasets/6/snapshots", Answer.Refuse(403, "Access denied"));

        await Assert.ThrowsAsync<ActionFailedException>(() => it.Client.FindSnapshotAsync(41, Cancel));
    }

    [Fact]
    public async Task A_snapshot_is_made_and_goes_on_in_the_background()
    {
        await using var it = (await ToNewAsync()).On(
            "POST /v7.0/datasets/6/snapshots", $$$"""{"snapshot":{{{Snapshot(50, "x (unconfirmed)", "2026-03-03T00:00:00Z")}}},"_meta":{"action_state_id":900}}""");

        var started = await it.Client.CreateSnapshotAsync(6, "weekly", Cancel);

        Assert.Equal(["""POST /v7.0/datasets/6/snapshots {"snapshot":{"label":"weekly"}}"""], it.Calls);
        Assert.Equal(900, started.ActionStateId);
        Assert.False(started.Value.IsConfirmed);
    }

    [Fact]
    public async Task Old_servers_have_neither_labels_nor_action_states()
    {
        await using var it = (await ToOldAsync()).On(
            "POST /v2.0/datasets/6/snapshots", $$$"""{"snapshot":{{{Snapshot(50, "x (unconfirmed)", "2026-03-03T00:00:00+00:00")}}},"_meta":{"url_params":[6,50]}}""");

        var started = await it.Client.CreateSnapshotAsync(6, null, Cancel);
        await it.Client.WaitAsync(started.ActionStateId, null, Cancel);

        Assert.Null(started.ActionStateId);
        Assert.Equal(["POST /v2.0/datasets/6/snapshots {}"], it.Calls);
        await Assert.ThrowsAsync<NotDescribedException>(() => it.Client.CreateSnapshotAsync(6, "weekly", Cancel));
    }

    [Fact]
    public async Task Datasets_and_vpses_are_made()
    {
        await using var it = (await ToNewAsync()).On("POST /v7.0/datasets", $$$"""{"dataset":{{{Replies.Dataset}}},"_meta":{"action_state_id":1}}""")
            .On("POST /v7.0/vpses", $$$"""{"vps":{{{Replies.Vps}}},"_meta":{"action_state_id":2}}""");

        Assert.Equal(1, (await it.Client.CreateDatasetAsync(5, "www", Cancel)).ActionStateId);
        await it.Client.CreateDatasetAsync(null, "top", Cancel);
        Assert.Equal(2, (await it.Client.CreateVpsAsync("web", Cancel)).ActionStateId);

        Assert.Equal(
            [
                """POST /v7.0/datasets {"dataset":{"name":"www","dataset":5}}""",
                """POST /v7.0/datasets {"dataset":{"name":"top"}}""",
                """POST /v7.0/vpses {"vps":{"hostname":"web"}}""",
            ],
            it.Calls);
    }

    [Fact]
    public async Task Downloads_are_made_and_always_say_whether_to_send_mail()
    {
        await using var it = (await ToNewAsync()).On("POST /v7.0/snapshot_downloads", $$$"""{"snapshot_download":{{{Replies.Download}}},"_meta":{"action_state_id":901}}""");

        var started = await it.Client.CreateDownloadAsync(42, 41, ExportFormat.IncrementalStream, sendMail: false, Cancel);
        await it.Client.CreateDownloadAsync(42, null, ExportFormat.Archive, sendMail: true, Cancel);

        Assert.Equal(901, started.ActionStateId);
        Assert.Equal(
            [
                """POST /v7.0/snapshot_downloads {"snapshot_download":{"snapshot":42,"format":"incremental_stream","send_mail":false,"from_snapshot":41}}""",
                """POST /v7.0/snapshot_downloads {"snapshot_download":{"snapshot":42,"format":"archive","send_mail":true}}""",
            ],
            it.Calls);
    }

    [Fact]
    public async Task Downloads_of_a_snapshot_are_filtered_by_the_server_and_looked_at_again()
    {
        var other = Replies.With(Replies.Download, "snapshot", """{"id":43,"created_at":"x"}""");
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads", $$"""{"snapshot_downloads":[{{Replies.Download}},{{other}}]}""");

        Assert.Equal([42L], (await it.Client.GetDownloadsAsync(42, Cancel)).Select(d => d.Snapshot!.Id));
        Assert.Equal(2, (await it.Client.GetDownloadsAsync(null, Cancel)).Count);
        Assert.Equal(["GET /v7.0/snapshot_downloads?snapshot_download%5Bsnapshot%5D=42", "GET /v7.0/snapshot_downloads"], it.Calls);
    }

    [Fact]
    public async Task Downloads_of_a_snapshot_are_found_where_the_server_cannot_filter()
    {
        var description = Fixture.Read("vpsadmin-7.json");
        description["resources"]!["snapshot_download"]!["actions"]!["index"]!["input"]!["parameters"]!.AsObject().Remove("snapshot");
        var other = Replies.With(Replies.Download, "snapshot", "null");
        await using var it = (await ToNewAsync(description)).On("GET /v7.0/snapshot_downloads", $$"""{"snapshot_downloads":[{{other}},{{Replies.Download}}]}""");

        Assert.Single(await it.Client.GetDownloadsAsync(42, Cancel));
        Assert.Equal(["GET /v7.0/snapshot_downloads"], it.Calls);
    }

    [Fact]
    public async Task Snapshots_and_downloads_are_deleted()
    {
        await using var it = (await ToNewAsync()).On("DELETE /v7.0/datasets/6/snapshots/41", """{"snapshot":{},"_meta":{"action_state_id":5}}""")
            .On("DELETE /v7.0/snapshot_downloads/7", """{"snapshot_download":{},"_meta":{}}""");

        Assert.Equal(new Started<bool>(true, 5), await it.Client.DeleteSnapshotAsync(6, 41, Cancel));
        Assert.Equal(new Started<bool>(true, null), await it.Client.DeleteDownloadAsync(7, Cancel));
        Assert.Equal(["DELETE /v7.0/datasets/6/snapshots/41 {}", "DELETE /v7.0/snapshot_downloads/7 {}"], it.Calls);
    }

    [Theory]
    [InlineData(404, "object not found", true, false)]
    [InlineData(200, "object SnapshotDownload = 7 not found", true, false)]
    [InlineData(423, "Resource is locked by transaction chain 5 (Download). Try again later.", false, true)]
    [InlineData(200, "Resource is locked. Try again later.", false, true)]
    [InlineData(409, "snapshot is not available for download", false, false)]
    public async Task Not_found_and_locked_are_told_apart_in_every_generation(int status, string message, bool notFound, bool locked)
    {
        await using var it = await ToNewAsync();
        it.Server.On("GET /v7.0/snapshot_downloads/7", Answer.Refuse(status, message));

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => it.Client.GetDownloadAsync(7, Cancel));

        Assert.Equal((notFound, locked), (e.IsNotFound, e.IsLocked));
    }

    [Fact]
    public async Task Waiting_for_nothing_asks_for_nothing()
    {
        await using var it = await ToNewAsync();

        await it.Client.WaitAsync(null, null, Cancel);

        Assert.Empty(it.Calls);
    }

    [Fact]
    public async Task Waiting_ends_with_the_action()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/action_states/5", State(finished: true, status: true));

        await it.Client.WaitAsync(5, null, Cancel);

        Assert.Equal(["GET /v7.0/action_states/5"], it.Calls);
    }

    [Fact]
    public async Task An_action_that_failed_is_an_exception_that_says_how_far_it_came()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/action_states/5", State(finished: true, status: false));

        var e = await Assert.ThrowsAsync<ActionAbortedException>(() => it.Client.WaitAsync(5, null, Cancel));

        Assert.Equal("'Download' failed on the server after 1 of 3 transactions.", e.Message);
        Assert.Equal(5, e.State.Id);
    }

    private static string Snapshot(long id, string name, string createdAt)
    {
        var snapshot = JsonNode.Parse(Replies.Snapshot)!;
        (snapshot["id"], snapshot["name"], snapshot["created_at"]) = (id, name, createdAt);
        return snapshot.ToJsonString();
    }

    private static string State(bool finished, bool status) => new JsonObject
    {
        ["action_state"] = new JsonObject
        {
            ["id"] = 5, ["label"] = "Download", ["finished"] = finished, ["status"] = status,
            ["current"] = 1, ["total"] = 3, ["unit"] = "transactions", ["can_cancel"] = false,
        },
    }.ToJsonString();
}
