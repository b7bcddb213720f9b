using VpsAdmin.Client;
using VpsAdmin.FaultServer;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Tests;

namespace VpsAdmin.Faults.Tests;

/// <summary>What the laboratory found about downloads of which nobody heard that they were made.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_download_whose_making_was_never_confirmed_is_ours_to_remove()
    {
        await using var server = await StartAsync(new ApiFault("POST /snapshot_downloads", HangUpAfter: true));
        using var client = await ConnectAsync(server);
        var export = await SnapshotExport.OpenAsync(client, Request(), new TransferOptions(), new ImpatientTime(), null, Cancel);
        Assert.True(export.Created);
        Assert.Single(server.Api.Ever);
    }

    [Fact]
    public async Task A_download_that_was_there_is_not()
    {
        await using var server = await StartAsync(new ApiFault("GET /snapshot_downloads", Skip: 1, Status: 503));
        using var client = await ConnectAsync(server);
        var first = await SnapshotExport.OpenAsync(client, Request(), new TransferOptions(), new ImpatientTime(), null, Cancel);
        var second = await SnapshotExport.OpenAsync(client, Request(), new TransferOptions(), new ImpatientTime(), null, Cancel);
        Assert.Equal((first.Id, true, false), (second.Id, first.Created, second.Created));
    }

    [Fact]
    public async Task A_download_in_the_way_is_replaced_only_when_it_is_the_one_that_was_named()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        var other = await SnapshotExport.OpenAsync(client, Request() with { Format = ExportFormat.Stream }, new TransferOptions(), new ImpatientTime(), null, Cancel);
        var refused = await Assert.ThrowsAsync<TransferException>(() => SnapshotExport.OpenAsync(client, Request() with { ReplaceId = other.Id + 1 }, new TransferOptions(), new ImpatientTime(), null, Cancel));
        Assert.Equal(TransferFailure.FormatConflict, refused.Failure);
        var made = await SnapshotExport.OpenAsync(client, Request() with { ReplaceId = other.Id }, new TransferOptions(), new ImpatientTime(), null, Cancel);
        Assert.Equal([made.Id], server.Api.Downloads.Select(static d => d.Id));
    }

    private static ExportRequest Request() => new(1, null, ExportFormat.Archive);

    private static async Task<FaultyVpsAdmin> StartAsync(params ApiFault[] faults)
    {
        var server = await FaultyVpsAdmin.StartAsync(Cancel);
        server.Api.AddSnapshot("2026-03-02T00:00:00");
        server.Api.Content = static (_, _, format) => (new ExportScript(format), [1, 2, 3]);
        return server.OnCalls(faults);
    }

    private static async Task<VpsAdminClient> ConnectAsync(FaultyVpsAdmin server) =>
        new(await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, null, Cancel));
}
