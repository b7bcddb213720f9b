using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>What somebody may not see is not there for them: joe has 101, ann has 102, each with a snapshot and a finished export.</summary>
public sealed class VisibilityTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private HaveApiClient _api = null!;
    private VpsAdminClient _joe = null!;
    private (long Dataset, long Snapshot, long Download, long Chain) _mine;
    private (long Dataset, long Snapshot, long Download, long Chain) _theirs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _mine = await FillAsync(await _server.AddUserAsync("joe"), "101");
        _theirs = await FillAsync(await _server.AddUserAsync("ann"), "102");
        _api = await HaveApiClient.ConnectAsync(
            _server.Url, TokenAuthentication.Request("joe", "joe-password", HaveApi.Authentication.TokenLifetime.Fixed, TimeSpan.FromHours(1)), null, null, Cancel);
        _joe = new VpsAdminClient(_api);
    }

    public async ValueTask DisposeAsync()
    {
        _joe.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Lists_hold_ones_own_only()
    {
        Assert.Equal("joe", (await _joe.GetCurrentUserAsync(Cancel)).Login);
        Assert.Equal(["101"], (await _joe.GetDatasetsAsync(null, Cancel)).Select(static d => d.Name));
        Assert.Equal([_mine.Snapshot], (await _joe.GetSnapshotsAsync(_mine.Dataset, Cancel)).Select(static s => s.Id));
        Assert.Equal([_mine.Download], (await _joe.GetDownloadsAsync(null, Cancel)).Select(static d => d.Id));
        Assert.Equal([_mine.Chain], (await _joe.GetChainsAsync(25, Cancel)).Select(static c => c.Id));
        Assert.Empty(await _joe.GetSnapshotsAsync(_theirs.Dataset, Cancel));
        Assert.Empty(await _joe.GetDownloadsAsync(_theirs.Snapshot, Cancel));
    }

    [Fact]
    public async Task Anothers_objects_are_not_found()
    {
        await NotFoundAsync(() => _joe.GetDatasetAsync(_theirs.Dataset, Cancel));
        await NotFoundAsync(() => _joe.GetSnapshotAsync(_theirs.Dataset, _theirs.Snapshot, Cancel));
        await NotFoundAsync(() => _joe.GetSnapshotAsync(_mine.Dataset, _theirs.Snapshot, Cancel));
        await NotFoundAsync(() => _joe.GetDownloadAsync(_theirs.Download, Cancel));
        await NotFoundAsync(() => _joe.CreateSnapshotAsync(_theirs.Dataset, null, Cancel));
        await NotFoundAsync(() => _joe.DeleteSnapshotAsync(_theirs.Dataset, _theirs.Snapshot, Cancel));
        await NotFoundAsync(() => _joe.CreateDownloadAsync(_theirs.Snapshot, null, ExportFormat.Stream, false, Cancel));
        await NotFoundAsync(() => _joe.DeleteDownloadAsync(_theirs.Download, Cancel));
        await NotFoundAsync(() => _joe.CreateDatasetAsync(_theirs.Dataset, "var", Cancel));
        Assert.True(_server.Node.IsIdle);

        var state = await Assert.ThrowsAsync<ActionFailedException>(() => _api.CallAsync("action_state#show", [_theirs.Chain], null, null, Cancel));
        Assert.Equal((HttpStatusCode.OK, "Action state not found"), (state.HttpStatus, state.ServerMessage));
    }

    [Fact]
    public async Task Nobody_becomes_another_by_saying_so()
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        http.DefaultRequestHeaders.Add("X-HaveAPI-Auth-Token", ((TokenAuthentication)_api.Authentication).Token);
        var list = JsonNode.Parse(await http.GetStringAsync(new Uri("v7.0/datasets?dataset%5Buser%5D=1", UriKind.Relative), Cancel))!;
        Assert.Single(list["response"]!["datasets"]!.AsArray());
        using var pools = await http.GetAsync(new Uri("v7.0/pools", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, pools.StatusCode);
    }

    [Fact]
    public async Task Only_administrators_make_virtual_servers_and_datasets_at_the_top()
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        http.DefaultRequestHeaders.Add("X-HaveAPI-Auth-Token", ((TokenAuthentication)_api.Authentication).Token);
        using var body = new StringContent("""{"vps":{"hostname":"web"}}""", System.Text.Encoding.UTF8, "application/json");
        using var vps = await http.PostAsync(new Uri("v7.0/vpses", UriKind.Relative), body, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, vps.StatusCode);

        foreach (var name in new[] { "102", "free" })
        {
            var dataset = await Assert.ThrowsAsync<ActionFailedException>(() => _joe.CreateDatasetAsync(null, name, Cancel));
            Assert.Equal(["is required"], dataset.Errors["dataset"]);
            Assert.Equal(["dataset"], dataset.Errors.Keys);
        }
        Assert.True(_server.Node.IsIdle);
        await _joe.CreateDatasetAsync(_mine.Dataset, "var", Cancel);
        Assert.Equal("101/var", (string?)(await _server.Node.NextAsync(Cancel)).Input["Dataset"]);
    }

    [Fact]
    public async Task Names_below_anothers_dataset_are_not_told_apart()
    {
        await _server.AddDatasetAsync("102/taken", 3);
        await NotFoundAsync(() => _joe.CreateDatasetAsync(_theirs.Dataset, "taken", Cancel));
        await NotFoundAsync(() => _joe.CreateDatasetAsync(_theirs.Dataset, "free", Cancel));
        await NotFoundAsync(() => _joe.CreateDatasetAsync(_theirs.Dataset, "private", Cancel));
    }

    private static async Task NotFoundAsync(Func<Task> call) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<ActionFailedException>(call)).HttpStatus);

    private async Task<(long, long, long, long)> FillAsync(long user, string name)
    {
        var dataset = await _server.AddDatasetAsync(name, user);
        var snapshot = await _server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var (download, chain) = await _server.CreateDownloadAsync(snapshot, ownedBy: user);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        await _server.WaitForAsync(chain, Server.Chains.ChainState.Done);
        return (dataset, snapshot, download.Id, chain);
    }
}
