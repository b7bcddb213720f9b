using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab.Vps2016;

namespace VpsAdmin.Client.Tests;

/// <summary>A whole member's session with a server that speaks protocol 1.0.</summary>
public sealed class Vps2016Tests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Datasets_snapshots_and_an_increment_are_found_exported_fetched_and_removed()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        var root = server.AddDataset("101");
        var www = server.AddDataset("101/var/www", root, historyId: 2);
        var first = server.AddSnapshot(www, "2016-06-12T23-00-01", new DateTimeOffset(2016, 6, 12, 23, 0, 1, TimeSpan.Zero), 2);
        var second = server.AddSnapshot(www, "2016-06-13T23-00-01", new DateTimeOffset(2016, 6, 13, 23, 0, 1, TimeSpan.Zero), 2);
        using var client = await ConnectAsync(server);

        var user = await client.GetCurrentUserAsync(Cancel);
        var datasets = await client.GetDatasetsAsync((await client.GetVpsesAsync(Cancel)).Single().Id, Cancel);
        var snapshots = await client.GetSnapshotsAsync(www.Id, Cancel);
        var started = await client.CreateDownloadAsync(second.Id, first.Id, ExportFormat.IncrementalStream, sendMail: false, Cancel);
        await client.WaitAsync(started.ActionStateId, null, Cancel);
        var download = await client.GetDownloadAsync(started.Value.Id, Cancel);
        using var http = new HttpClient();
        var bytes = await http.GetByteArrayAsync(download.Url, Cancel);
        await client.DeleteDownloadAsync(download.Id, Cancel);

        Assert.Equal(OldVpsAdmin.Login, user.Login);
        Assert.Equal(["101", "101/var/www"], datasets.Select(d => d.Name));
        Assert.Equal([(first.Id, 2, "101/var/www"), (second.Id, 2, "101/var/www")], snapshots.Select(s => (s.Id, s.HistoryId, s.DatasetName)));
        // No action states: the reply shows the beginning, a look at the object the end.
        Assert.Null(started.ActionStateId);
        Assert.False(started.Value.Ready);
        Assert.Equal((true, "101_var_www__2016-06-12T23-00-01__2016-06-13T23-00-01.inc.dat.gz"), (download.Ready, download.FileName));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), download.Sha256);
        Assert.Empty(server.Downloads);
        Assert.Contains(
            $$$"""POST /v2.0/snapshot_downloads {"snapshot_download":{"snapshot":{{{second.Id}}},"format":"incremental_stream","send_mail":false,"from_snapshot":{{{first.Id}}}}}""",
            server.Requests);
    }

    [Fact]
    public async Task Failures_with_http_200_are_told_apart()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        server.ExportsAtOnce = false;
        var snapshot = server.AddSnapshot(server.AddDataset("101"), "2016-06-12T23-00-01", DateTimeOffset.UnixEpoch);
        using var client = await ConnectAsync(server);
        var started = await client.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, false, Cancel);

        var locked = await Assert.ThrowsAsync<ActionFailedException>(
            () => client.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Archive, false, Cancel));
        server.Complete(server.Downloads[0]);
        var taken = await Assert.ThrowsAsync<ActionFailedException>(
            () => client.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Archive, false, Cancel));
        server.Fail(server.Downloads[0]);
        var gone = await Assert.ThrowsAsync<ActionFailedException>(() => client.GetDownloadAsync(started.Value.Id, Cancel));

        Assert.True(locked.IsLocked);
        Assert.False(taken.IsLocked || taken.IsNotFound);
        Assert.True(gone.IsNotFound);
    }

    [Fact]
    public async Task A_file_grows_while_it_is_exported()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        server.ExportsAtOnce = false;
        server.Content = (_, _, _) => new byte[3000];
        var snapshot = server.AddSnapshot(server.AddDataset("101"), "2016-06-12T23-00-01", DateTimeOffset.UnixEpoch);
        using var client = await ConnectAsync(server);
        var started = await client.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, false, Cancel);
        using var http = new HttpClient();

        using var before = await http.GetAsync(started.Value.Url, Cancel);
        server.Write(server.Downloads[0], 1000);
        var part = await http.GetByteArrayAsync(started.Value.Url, Cancel);
        var growing = await client.GetDownloadAsync(started.Value.Id, Cancel);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, before.StatusCode);
        Assert.Equal(1000, part.Length);
        Assert.Equal((false, 0, null), (growing.Ready, growing.SizeMiB, growing.Sha256));
    }

    [Fact]
    public async Task A_wrong_password_and_an_ended_token_are_refused()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        await Assert.ThrowsAsync<ActionFailedException>(() => ConnectAsync(server, "wrong"));
        using var client = await ConnectAsync(server);

        server.ForgetTokens();

        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => client.GetCurrentUserAsync(Cancel))).IsUnauthorized);
    }

    [Fact]
    public async Task A_saved_token_is_renewed_by_a_later_process()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2016, 6, 14, 0, 0, 0, TimeSpan.Zero));
        await using var server = await OldVpsAdmin.StartAsync(Cancel, time);
        SavedToken? saved = null;
        var first = TokenAuthentication.Request(
            OldVpsAdmin.Login, OldVpsAdmin.Password, TokenLifetime.RenewableManual, TimeSpan.FromMinutes(10), changed: news => saved = news);
        using (await HaveApiClient.ConnectAsync(server.Address, first, new HaveApiClientOptions { Time = time }, null, Cancel))
            Assert.Equal(time.GetUtcNow().AddMinutes(10), saved!.ValidTo);

        time.Advance(TimeSpan.FromMinutes(9));
        using var api = await HaveApiClient.ConnectAsync(
            server.Address, TokenAuthentication.Restore(saved!, news => saved = news), new HaveApiClientOptions { Time = time }, null, Cancel);
        using var client = new VpsAdminClient(api);
        await client.GetCurrentUserAsync(Cancel);
        time.Advance(TimeSpan.FromMinutes(7));
        await client.GetCurrentUserAsync(Cancel);

        Assert.Equal(2, server.Requests.Count(r => r.StartsWith("POST /_auth/token/tokens/renew", StringComparison.Ordinal) || r.StartsWith("POST /_auth/token/tokens ", StringComparison.Ordinal)));
        Assert.Equal(time.GetUtcNow().AddMinutes(3), saved!.ValidTo);
    }

    [Fact]
    public async Task A_list_that_the_server_cuts_at_25_rows_comes_whole()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        var dataset = server.AddDataset("101");
        using var client = await ConnectAsync(server);
        for (var i = 0; i < 30; i++)
            await client.CreateDownloadAsync(server.AddSnapshot(dataset, $"s{i}", DateTimeOffset.UnixEpoch).Id, null, ExportFormat.Stream, false, Cancel);

        var ids = new List<long>();
        await foreach (var row in client.Api.ListAsync("transaction_chain#index", [], null, null, null, Cancel))
            ids.Add(row["id"]!.GetValue<long>());

        Assert.Equal(30, ids.Distinct().Count());
    }

    private static async Task<VpsAdminClient> ConnectAsync(OldVpsAdmin server, string password = OldVpsAdmin.Password) => new(await HaveApiClient.ConnectAsync(
        server.Address, TokenAuthentication.Request(OldVpsAdmin.Login, password, TokenLifetime.RenewableAuto, TimeSpan.FromMinutes(5)), null, null, Cancel));
}
