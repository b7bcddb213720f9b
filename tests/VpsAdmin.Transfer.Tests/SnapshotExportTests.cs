using System.Net;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Client;
using VpsAdmin.Client.Tests;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;

namespace VpsAdmin.Transfer.Tests;

/// <summary>Finding, making, watching and deleting downloads on a vpsAdmin.</summary>
public sealed class SnapshotExportTests
{
    private const string List = "GET /v7.0/snapshot_downloads";
    private const string Create = "POST /v7.0/snapshot_downloads";
    private const string Show = "GET /v7.0/snapshot_downloads/7";
    private const string Delete = "DELETE /v7.0/snapshot_downloads/7";
    private const string Taken = "this snapshot has already been made available for download";

    private static readonly ExportRequest Incremental = new(42, 41, ExportFormat.IncrementalStream);

    private readonly ImpatientTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_download_of_the_same_snapshot_base_and_format_is_joined()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download));
        var export = await OpenAsync(vpsadmin);
        Assert.Equal((7, false), (export.Id, export.Created));
        Assert.DoesNotContain(vpsadmin.Calls, static c => c.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_download_that_was_given_back_before_it_was_made_is_waited_out_and_not_joined()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        var givenBack = Replies.With(Row(6, "ready", "false"), "expiration_date", "\"1999-12-31T00:00:00Z\"");
        vpsadmin.Server.On(List, Rows(givenBack), Rows()).On(Create, Answer.Refuse(423, "Resource is locked"), Made());
        var export = await OpenAsync(vpsadmin);
        Assert.Equal((7, true), (export.Id, export.Created));
        Assert.Single(_time.Waits);
    }

    [Fact]
    public async Task BUG_15_all_downloads_are_looked_at_and_a_finished_one_is_best()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(
            Row(4, "format", "\"stream\""),
            Row(5, "from_snapshot", "{\"id\":40,\"created_at\":\"\"}"),
            Row(9, "ready", "false"),
            Row(8, "size", "1"),
            Row(10, "from_snapshot", "null")));
        Assert.Equal(8, (await OpenAsync(vpsadmin)).Id);
    }

    [Fact]
    public async Task Without_one_it_is_made_and_nobody_gets_mail()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows()).On(Create, Made());
        var export = await OpenAsync(vpsadmin);
        Assert.Equal((7, true), (export.Id, export.Created));
        var create = vpsadmin.Server.Received.Single(static r => r.Method == "POST");
        Assert.Contains("\"send_mail\":false", create.Body, StringComparison.Ordinal);
        Assert.Contains("\"from_snapshot\":41", create.Body, StringComparison.Ordinal);
        Assert.Empty(_time.Waits);
    }

    [Theory]
    [InlineData(200, Taken)]
    [InlineData(200, "Resource is locked by transaction chain #12")]
    [InlineData(423, "Resource is locked")]
    public async Task A_locked_snapshot_and_one_whose_download_is_being_removed_are_waited_for(int status, string message)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows()).On(Create, Answer.Refuse(status, message), Answer.Refuse(status, message), Made());
        var reports = new Reports();
        Assert.True((await OpenAsync(vpsadmin, progress: reports)).Created);
        Assert.Equal(2, _time.Waits.Count);
        Assert.Contains(reports.All, r => r.Phase == TransferPhase.Waiting && r.Detail == message);
    }

    [Fact]
    public async Task A_snapshot_that_stays_locked_ends_the_wait()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows()).On(Create, Answer.Refuse(423, "Resource is locked"));
        var error = await Assert.ThrowsAsync<TransferException>(() => OpenAsync(vpsadmin, new TransferOptions(RetryTimeout: TimeSpan.FromMinutes(3))));
        Assert.Equal(TransferFailure.RetriesExhausted, error.Failure);
        Assert.Contains("Resource is locked", error.Message, StringComparison.Ordinal);
        Assert.InRange(_time.Passed, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3.5));
    }

    [Theory]
    [InlineData(200, Taken)]
    [InlineData(423, "Resource is locked")]
    public async Task Another_format_in_the_way_is_named_with_what_to_do(int status, string message)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.With(Row(6, "format", "\"archive\""), "from_snapshot", "null"))).On(Create, Answer.Refuse(status, message));
        var error = await Assert.ThrowsAsync<TransferException>(() => OpenAsync(vpsadmin));
        Assert.Equal(TransferFailure.FormatConflict, error.Failure);
        Assert.Contains("download 6 (Archive)", error.Message, StringComparison.Ordinal);
        Assert.Contains("replace it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(vpsadmin.Calls, static c => c.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BUG_15_another_format_in_the_way_is_replaced_when_that_is_wanted()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Row(6, "format", "\"stream\"")), Rows(Row(6, "format", "\"stream\"")), Rows())
            .On(Create, Answer.Refuse(200, Taken), Answer.Refuse(200, Taken), Answer.Refuse(200, Taken), Made())
            .On("GET /v7.0/users/current", Answer.Ok($$"""{"user":{{Replies.User}}}"""))
            .On("DELETE /v7.0/snapshot_downloads/6", Answer.Refuse(423, "Resource is locked"), Answer.Ok("{}"));
        Snapshots(vpsadmin, "created_at", "\"2026-03-02T00:00:00Z\"");
        var export = await OpenAsync(vpsadmin, request: Incremental with { ReplaceOther = true });
        Assert.Equal((7, true), (export.Id, export.Created));
        Assert.Equal(2, vpsadmin.Calls.Count(static c => c.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("created_at", "\"2026-03-04T00:00:00Z\"", "snapshot 41 is newer than snapshot 42")]
    [InlineData("history_id", "1", "are of different histories (1 and 2)")]
    [InlineData("id", "40", "snapshot 41 is not of the same dataset")]
    public async Task What_is_in_the_way_stays_when_the_server_would_refuse_its_replacement(string name, string value, string expected)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Row(6, "format", "\"stream\""))).On(Create, Answer.Refuse(200, Taken))
            .On("GET /v7.0/users/current", Answer.Ok($$"""{"user":{{Replies.User}}}"""));
        Snapshots(vpsadmin, name, value);
        var error = await Assert.ThrowsAsync<TransferException>(() => OpenAsync(vpsadmin, request: Incremental with { ReplaceOther = true }));
        Assert.Equal(TransferFailure.FormatConflict, error.Failure);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(vpsadmin.Calls, static c => c.StartsWith("DELETE", StringComparison.Ordinal));
    }

    /// <summary>The dataset with snapshot 42, and with 41, of which one thing is as given.</summary>
    private static void Snapshots(Connected vpsadmin, string name, string value)
    {
        var target = Replies.With(Replies.With(Replies.Snapshot, "id", "42"), "created_at", "\"2026-03-03T00:00:00Z\"");
        vpsadmin.On("GET /v7.0/datasets", $$"""{"datasets":[{{Replies.Dataset}}]}""")
            .On("GET /v7.0/datasets/6/snapshots", $$"""{"snapshots":[{{Replies.With(Replies.Snapshot, name, value)}},{{target}}]}""");
    }

    [Fact]
    public async Task Another_users_download_is_not_replaced()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Row(6, "format", "\"stream\""))).On(Create, Answer.Refuse(200, Taken))
            .On("GET /v7.0/users/current", Answer.Ok($$"""{"user":{{Replies.With(Replies.User, "id", "9")}}}"""));
        var error = await Assert.ThrowsAsync<TransferException>(() => OpenAsync(vpsadmin, request: Incremental with { ReplaceOther = true }));
        Assert.Equal(TransferFailure.FormatConflict, error.Failure);
        Assert.Contains("user jane (id 3)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(vpsadmin.Calls, static c => c.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BUG_25_a_download_that_a_part_is_of_is_used_or_none_is_made()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(Show, Download(Replies.Download), Gateway, Answer.Refuse(404, "object not found"));
        var export = await OpenAsync(vpsadmin, request: Incremental with { DownloadId = 7 });
        Assert.Equal((7, false), (export.Id, export.Created));
        var error = await Assert.ThrowsAsync<TransferException>(() => OpenAsync(vpsadmin, request: Incremental with { DownloadId = 7 }));
        Assert.Equal(TransferFailure.ExportVanished, error.Failure);
        Assert.Equal(3, vpsadmin.Calls.Count);
        Assert.All(vpsadmin.Calls, static c => Assert.StartsWith(Show, c, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("snapshot", "{\"id\":43}")]
    [InlineData("from_snapshot", "{\"id\":40}")]
    [InlineData("format", "\"archive\"")]
    public async Task A_download_of_the_id_that_is_of_something_else_is_not_the_one_that_a_part_is_of(string name, string value)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On("GET /v7.0/snapshot_downloads/6", Download(Row(6, name, value))).On(List, Rows(), Rows(Replies.Download)).On(Create, Made());
        var request = Incremental with { DownloadId = 6 };
        var (made, joined) = (await OpenAsync(vpsadmin, request: request), await OpenAsync(vpsadmin, request: request));
        Assert.Equal((7, true), (made.Id, made.Created));
        Assert.Equal((7, false), (joined.Id, joined.Created));
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("from_snapshot")]
    public async Task A_download_whose_snapshot_was_destroyed_meanwhile_is_still_the_one_that_a_part_is_of(string name)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(Show, Download(Row(7, name, "null")));
        Assert.Equal(7, (await OpenAsync(vpsadmin, request: Incremental with { DownloadId = 7 })).Id);
    }

    [Fact]
    public async Task Whether_the_api_is_reached_by_https_is_known_of_its_download()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download));
        Assert.False((await OpenAsync(vpsadmin)).IsEncrypted);
        using var https = new VpsAdminClient(await HaveApiClient.ConnectAsync(
            new Uri("https://api.example.org/"), new NoAuthentication(), null, new Decrypting(vpsadmin.Server.Address), Cancel));
        Assert.True((await SnapshotExport.OpenAsync(https, Incremental, new TransferOptions(), _time, null, Cancel)).IsEncrypted);
    }

    [Fact]
    public async Task Another_format_is_no_obstacle_to_a_server_that_takes_both()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Row(6, "format", "\"stream\""))).On(Create, Made());
        Assert.True((await OpenAsync(vpsadmin)).Created);
    }

    [Fact]
    public async Task A_refusal_is_handed_on()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows()).On(Create, Answer.Refuse(200, "snapshot and snapshot2 must share the same history identifier"));
        var error = await Assert.ThrowsAsync<ActionFailedException>(() => OpenAsync(vpsadmin));
        Assert.Contains("history identifier", error.ServerMessage, StringComparison.Ordinal);
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_not_made_twice()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(), Rows(Replies.Download)).On(Create, Gateway);
        var export = await OpenAsync(vpsadmin);
        Assert.Equal((7, true), (export.Id, export.Created));
        Assert.Single(vpsadmin.Server.Received, static r => r.Method == "POST");
    }

    [Fact]
    public async Task The_state_is_read_as_it_is()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download)).On(Show, Download(Row(7, "ready", "false")), Download(Replies.Download));
        var export = await OpenAsync(vpsadmin);
        Assert.False((await export.ReadStateAsync(Cancel)).Ready);
        var state = await export.ReadStateAsync(Cancel);
        Assert.Equal((true, Replies.Sha256, 300), (state.Ready, state.Sha256, state.SizeMiB));
        Assert.Equal(8443, state.Url.Port);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(200)]
    public async Task V19_a_record_that_is_not_found_has_vanished(int status)
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download)).On(Show, Answer.Refuse(status, "object not found"));
        var export = await OpenAsync(vpsadmin);
        Assert.Equal(TransferFailure.ExportVanished, (await Assert.ThrowsAsync<TransferException>(() => export.ReadStateAsync(Cancel))).Failure);
    }

    [Fact]
    public async Task BUG_7_an_API_that_cannot_be_reached_has_not_lost_the_record()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download)).On(Show, Gateway);
        var export = await OpenAsync(vpsadmin);
        await Assert.ThrowsAsync<ApiUnreachableException>(() => export.ReadStateAsync(Cancel));
    }

    [Fact]
    public async Task BUG_16_what_cannot_be_deleted_is_a_warning()
    {
        await using var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Rows(Replies.Download)).On(Delete, Answer.Refuse(423, "Resource is locked"), Gateway, Answer.Refuse(404, "object not found"), Answer.Ok("{}"));
        var export = await OpenAsync(vpsadmin);
        var warning = await export.DeleteAsync(Cancel);
        Assert.Contains("Resource is locked", warning, StringComparison.Ordinal);
        Assert.Contains("2026-03-10", warning, StringComparison.Ordinal);
        Assert.NotNull(await export.DeleteAsync(Cancel));
        Assert.Null(await export.DeleteAsync(Cancel));
        Assert.Null(await export.DeleteAsync(Cancel));
    }

    private Task<SnapshotExport> OpenAsync(
        Connected vpsadmin, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, ExportRequest? request = null) =>
        SnapshotExport.OpenAsync(vpsadmin.Client, request ?? Incremental, options ?? new TransferOptions(), _time, progress, Cancel);

    private static string Row(long id, string field, string value) =>
        Replies.With(Replies.With(Replies.Download, "id", id.ToString(System.Globalization.CultureInfo.InvariantCulture)), field, value);

    private static RequestDelegate Rows(params string[] rows) => Answer.Ok($$"""{"snapshot_downloads":[{{string.Join(',', rows)}}]}""");

    private static RequestDelegate Download(string row) => Answer.Ok($$"""{"snapshot_download":{{row}}}""");

    private static RequestDelegate Made() => Download(Replies.Download);

    /// <summary>As a proxy would in front of the server.</summary>
    private sealed class Decrypting(Uri server) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(server, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private static RequestDelegate Gateway => Answer.Text((int)HttpStatusCode.BadGateway, "text/html", "<h1>Bad gateway</h1>");
}
