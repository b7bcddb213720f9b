using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Specification;

/// <summary>A server with two members and one of everything that they may ask for, asked over HTTP as any client would.</summary>
public sealed class SpecifiedServer : IAsyncLifetime
{
    private readonly Dictionary<string, HttpClient> _people = [];
    private readonly Dictionary<string, long> _ids = [];
    private RunningServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _ids["joe"] = await _server.AddUserAsync("joe");
        _ids["ann"] = await _server.AddUserAsync("ann");
        await AddDatasetsAsync();
        await AddStatesAsync();
        foreach (var name in new[] { "joe", "ann" })
            _people[name] = Login(await _server.ConnectAsync(name, name + "-password"));
        _people["admin"] = Login(await _server.ConnectAsAdministratorAsync());
        _people["stranger"] = new HttpClient { BaseAddress = new Uri(_server.Url, "v7.0/") };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var http in _people.Values)
            http.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>The description of the API, for this person.</summary>
    public async Task<JsonNode> DescribeAsync(string who)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "");
        using var reply = await _people[who].SendAsync(request, Cancel);
        return (await reply.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["response"]!;
    }

    /// <param name="path">Names in angle brackets stand for ids.</param>
    /// <param name="body">Null: none.</param>
    public async Task<(HttpStatusCode Status, JsonNode Reply)> AskAsync(string who, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Filled(path));
        if (body is not null)
            request.Content = new StringContent(Filled(body), Encoding.UTF8, "application/json");
        using var reply = await _people[who].SendAsync(request, Cancel);
        return (reply.StatusCode, (await reply.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }

    /// <summary>The names by which the test knows these ids.</summary>
    public IEnumerable<string> Names(IEnumerable<long> ids, string kind) => ids.Select(id => _ids.Single(known => known.Value == id && known.Key.StartsWith(kind, StringComparison.Ordinal)).Key);

    /// <summary>Whether a node was asked for anything: what is refused is refused before.</summary>
    public bool IsIdle => _server.Node.IsIdle;

    /// <summary>Names in angle brackets become ids.</summary>
    public string Filled(string text) => _ids.Aggregate(text, static (filled, id) => filled.Replace($"<{id.Key}>", $"{id.Value}", StringComparison.Ordinal));

    private async Task AddDatasetsAsync()
    {
        foreach (var (name, owner) in new[] { ("101", "joe"), ("101/var", "joe"), ("102", "ann"), ("103", "joe"), ("104", "joe") })
            _ids["dataset " + name] = await _server.AddDatasetAsync(name, _ids[owner]);
        // Ids go another way than time.
        await AddSnapshotAsync("later", "101", "2016-06-15T23:00:01");
        await AddSnapshotAsync("target", "101", "2016-06-13T23:00:01");
        await AddSnapshotAsync("older", "101", "2016-06-12T23:00:01");
        await AddSnapshotAsync("other history", "101", "2016-06-11T23:00:01", historyId: 1);
        await AddSnapshotAsync("exported", "101", "2016-06-10T23:00:01");
        await AddSnapshotAsync("of 101/var", "101/var", "2016-06-12T23:00:01");
        await AddSnapshotAsync("of ann", "102", "2016-06-12T23:00:01");
        await AddSnapshotAsync("referenced", "104", "2016-06-12T23:00:01");
        for (var day = 1; day <= 20; day++)
            await AddSnapshotAsync($"{day} of 103", "103", $"2016-06-{day:00}T01:00:00");
    }

    private async Task AddStatesAsync()
    {
        _ids["download"] = await ExportAsync("exported", "joe");
        _ids["download of ann"] = await ExportAsync("of ann", "ann");
        var backup = await _server.AddBackupPoolAsync();
        await _server.AddBackupAsync(_ids["dataset 101/var"], backup, _ids["snapshot of 101/var"]);
        var referenced = _ids["snapshot referenced"];
        await _server.QueryAsync(db => db.SnapshotInPools.Where(c => c.SnapshotId == referenced).ExecuteUpdateAsync(static set => set.SetProperty(static c => c.ReferenceCount, 1), Cancel));
        await _server.QueryAsync(async db =>
        {
            var vps = new Vps { Hostname = "web", UserId = _ids["joe"], NodeId = _server.Installation.NodeId, DatasetId = _ids["dataset 101"], Confirmed = Confirmed.Yes, CreatedAt = DateTimeOffset.UtcNow };
            db.Vpses.Add(vps);
            await db.SaveChangesAsync(Cancel);
            _ids["vps"] = vps.Id;
            return vps;
        });
    }

    private async Task AddSnapshotAsync(string name, string dataset, string time, int historyId = 0) =>
        _ids["snapshot " + name] = await _server.AddSnapshotAsync(_ids["dataset " + dataset], time, historyId);

    private async Task<long> ExportAsync(string snapshot, string owner)
    {
        var (download, chain) = await _server.CreateDownloadAsync(_ids["snapshot " + snapshot], ownedBy: _ids[owner]);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        await _server.WaitForAsync(chain, ChainState.Done);
        _ids["chain of " + owner] = chain;
        return download.Id;
    }

    /// <summary>The token outlives the client that asked for it.</summary>
    private HttpClient Login(HaveApiClient client)
    {
        using (client)
        {
            var http = new HttpClient { BaseAddress = new Uri(_server.Url, "v7.0/") };
            http.DefaultRequestHeaders.Add("X-HaveAPI-Auth-Token", ((TokenAuthentication)client.Authentication).Token);
            return http;
        }
    }
}
