using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>
/// Between a client and the real server: tells of another history than the server has, and refuses what a test wants refused. What is let through
/// is the server's own.
/// </summary>
public sealed class AlteredApi() : DelegatingHandler(new SocketsHttpHandler())
{
    /// <summary>Null: the server's own.</summary>
    public int? CurrentHistoryId { get; set; }

    /// <summary>History ids by snapshot name; others are the server's own.</summary>
    public Dictionary<string, int> HistoryIds { get; } = [];

    /// <summary>Ids of snapshots from which no increment is made (409).</summary>
    public HashSet<long> RefusedBases { get; } = [];

    /// <summary>Called for each request with method and path; an answer other than null is given instead of the server's.</summary>
    public Func<string, (HttpStatusCode Status, string Message)?>? Refuse { get; set; }

    /// <summary>Pairs of snapshot and base for which exports were asked, in order.</summary>
    public List<(long Snapshot, long? From)> Asked { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (Refuse?.Invoke($"{request.Method} {path}") is var (status, message))
            return Refusal(status, message);
        if (request.Method == HttpMethod.Post && path.EndsWith("/snapshot_downloads", StringComparison.Ordinal))
        {
            var input = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!["snapshot_download"]!;
            var from = input["from_snapshot"]?.GetValue<long>();
            Asked.Add((input["snapshot"]!.GetValue<long>(), from));
            if (from is { } id && RefusedBases.Contains(id))
                return Refusal(HttpStatusCode.Conflict, "no common branch");
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Get || CurrentHistoryId is null)
            return response;
        var reply = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        Alter(reply["response"] as JsonObject);
        response.Content = new StringContent(reply.ToJsonString(), Encoding.UTF8, "application/json");
        return response;
    }

    private void Alter(JsonObject? reply)
    {
        if (reply?["dataset"] is JsonObject dataset && dataset.ContainsKey("current_history_id"))
            dataset["current_history_id"] = CurrentHistoryId;
        foreach (var snapshot in reply?["snapshots"] as JsonArray ?? [])
        {
            if (HistoryIds.TryGetValue(snapshot!["name"]!.GetValue<string>(), out var id))
                snapshot["history_id"] = id;
        }
    }

    private static HttpResponseMessage Refusal(HttpStatusCode status, string message) => new(status)
    {
        Content = new StringContent(
            new JsonObject { ["status"] = false, ["response"] = null, ["message"] = message, ["errors"] = null }.ToJsonString(), Encoding.UTF8, "application/json"),
    };
}
