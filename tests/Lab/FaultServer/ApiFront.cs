using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.FaultServer;

/// <summary>
/// As much of vpsAdmin's API 7.0 as a download or a backup needs: one user, one VPS, one dataset with its snapshots, and their downloads. Whoever asks is
/// that user: any token, any password.
/// </summary>
public sealed class ApiFront : IDisposable
{
    public const string Version = "7.0";
    public const long DatasetId = 5;
    private const long UserId = 3;
    private const long VpsId = 101;

    private readonly ConcurrentDictionary<long, ServedSnapshot> _snapshots = new();
    private readonly ConcurrentDictionary<long, ServedDownload> _downloads = new();
    private readonly ConcurrentDictionary<long, ServedDownload> _ever = new();
    private readonly Func<ServedDownload, Uri> _address;
    private readonly Lazy<JsonObject> _description = new(Describe);
    private long _lastId;

    /// <param name="address">Where the file of a download is.</param>
    internal ApiFront(Func<ServedDownload, Uri> address) => _address = address;

    /// <summary>What an export consists of; null: there is none of this snapshot, base and format.</summary>
    public Func<ServedSnapshot, ServedSnapshot?, string, (ExportScript Script, byte[] Content)?> Content { get; set; } = static (_, _, _) => null;

    /// <summary>Those that are on the server now.</summary>
    public IReadOnlyList<ServedDownload> Downloads => [.. _downloads.Values.OrderBy(static d => d.Id)];

    /// <summary>All that were ever made, in order.</summary>
    public IReadOnlyList<ServedDownload> Ever => [.. _ever.Values.OrderBy(static d => d.Id)];

    public ServedSnapshot AddSnapshot(string name, int historyId = 0)
    {
        var created = DateTimeOffset.TryParse(name, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(_snapshots.Count);
        var snapshot = new ServedSnapshot(Interlocked.Increment(ref _lastId), name, created, historyId);
        return _snapshots[snapshot.Id] = snapshot;
    }

    /// <summary>The server loses it: record and file.</summary>
    public void Forget(ServedDownload download)
    {
        ArgumentNullException.ThrowIfNull(download);
        _downloads.TryRemove(download.Id, out _);
    }

    /// <summary>The server loses the snapshot, and all that was said and kept of its downloads.</summary>
    public void Forget(ServedSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _snapshots.TryRemove(snapshot.Id, out _);
        foreach (var download in _ever.Where(d => d.Value.Snapshot == snapshot))
        {
            _downloads.TryRemove(download.Key, out _);
            if (_ever.TryRemove(download))
                download.Value.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var download in _ever.Values)
            download.Dispose();
    }

    internal async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Method == "OPTIONS")
        {
            await Envelope.ReplyAsync(response, request.Path == "/"
                ? new JsonObject { ["versions"] = new JsonArray(Version), ["default"] = Version }
                : _description.Value.DeepClone()).ConfigureAwait(false);
            return;
        }
        try
        {
            var input = await InputAsync(request).ConfigureAwait(false);
            await Envelope.ReplyAsync(response, Call(request.Method, Local(request.Path), input, request.Query)).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            await Envelope.RefuseAsync(response, refusal.Status, refusal.Message).ConfigureAwait(false);
        }
    }

    internal static string Local(PathString path) =>
        path.StartsWithSegments($"/v{Version}", StringComparison.Ordinal, out var rest) ? rest.Value! : path.Value!;

    private static async Task<JsonObject?> InputAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
        try
        {
            if (string.IsNullOrWhiteSpace(text))
                return null;
            if (JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is JsonObject input)
                return input;
        }
        catch (JsonException)
        {
            // Refused like what is JSON, but no object.
        }
        throw new Refusal(400, "Bad JSON syntax");
    }

    private JsonObject Call(string method, string path, JsonObject? input, IQueryCollection query)
    {
        string[] parts = [method, .. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        return parts switch
        {
            ["POST", "_auth", "token", "tokens"] => One("token", new JsonObject { ["token"] = "any-token-will-do", ["valid_to"] = null, ["complete"] = true, ["next_action"] = null }),
            ["POST", "_auth", "token", "tokens", "revoke"] => One("token", []),
            ["GET", "users", "current"] => One("user", new JsonObject { ["id"] = UserId, ["login"] = "jane", ["full_name"] = "Jane Doe", ["level"] = 1 }),
            ["GET", "vpses"] => Many("vpses", [Vps()]),
            ["GET", "vpses", _] => One("vps", Vps()),
            ["GET", "datasets"] => Many("datasets", [Dataset()]),
            ["GET", "datasets", _] => One("dataset", Dataset()),
            ["GET", "datasets", _, "snapshots"] => Many("snapshots", _snapshots.Values.OrderBy(static s => s.Id).Select(Json)),
            ["GET", "datasets", _, "snapshots", var id] => One("snapshot", Json(Snapshot(id))),
            ["GET", "snapshot_downloads"] => Many("snapshot_downloads", Found(query["snapshot_download[snapshot]"]).Select(Json)),
            ["GET", "snapshot_downloads", var id] => One("snapshot_download", Look(id)),
            ["POST", "snapshot_downloads"] => One("snapshot_download", Json(Create(input?["snapshot_download"] as JsonObject ?? []))),
            ["DELETE", "snapshot_downloads", var id] => Delete(id),
            _ => throw new Refusal(404, "Action not found"),
        };
    }

    private static JsonObject One(string name, JsonObject value) => new() { [name] = value, ["_meta"] = new JsonObject { ["action_state_id"] = null } };

    private static JsonObject Many(string name, IEnumerable<JsonObject> values) => new() { [name] = new JsonArray([.. values]) };

    private static JsonObject Vps() => new()
    {
        ["id"] = VpsId, ["hostname"] = "web", ["user"] = Reference(UserId, "login", "jane"), ["dataset"] = Reference(DatasetId, "name", "101"), ["is_running"] = true,
        ["object_state"] = "active",
    };

    private JsonObject Dataset() => new()
    {
        ["id"] = DatasetId, ["name"] = "101", ["user"] = Reference(UserId, "login", "jane"),
        ["current_history_id"] = _snapshots.Values.Select(static s => s.HistoryId).DefaultIfEmpty().Max(), ["used"] = 100, ["referenced"] = 100, ["avail"] = 1000,
    };

    private static JsonObject Json(ServedSnapshot snapshot) => new()
    {
        ["id"] = snapshot.Id, ["dataset"] = Reference(DatasetId, "name", "101"), ["name"] = snapshot.Name, ["label"] = null, ["created_at"] = Time(snapshot.CreatedAt),
        ["history_id"] = snapshot.HistoryId,
    };

    private JsonObject Json(ServedDownload download)
    {
        var (ready, size, sha256) = download.State;
        return new JsonObject
        {
            ["id"] = download.Id, ["user"] = Reference(UserId, "login", "jane"), ["snapshot"] = Reference(download.Snapshot.Id, "created_at", Time(download.Snapshot.CreatedAt)),
            ["from_snapshot"] = download.From is { } from ? Reference(from.Id, "created_at", Time(from.CreatedAt)) : null, ["format"] = download.Format,
            ["file_name"] = download.FileName, ["url"] = _address(download).AbsoluteUri, ["size"] = size, ["sha256sum"] = sha256, ["ready"] = ready,
            ["expiration_date"] = "2099-01-01T00:00:00Z",
        };
    }

    private static JsonObject Reference(long id, string label, string value) => new() { ["id"] = id, [label] = value, ["_meta"] = new JsonObject { ["path_params"] = new JsonArray(id), ["resolved"] = false } };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private IEnumerable<ServedDownload> Found(string? snapshot) => Downloads.Where(d => string.IsNullOrEmpty(snapshot) || d.Snapshot.Id.ToString(CultureInfo.InvariantCulture) == snapshot);

    private ServedSnapshot Snapshot(string id) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number) && _snapshots.TryGetValue(number, out var found) ? found : throw new Refusal(404, "object not found");

    private ServedDownload Download(string id) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number) && _downloads.TryGetValue(number, out var found) ? found : throw new Refusal(404, "object not found");

    private JsonObject Look(string id)
    {
        var download = Download(id);
        download.Look();
        return Json(download);
    }

    private ServedDownload Create(JsonObject input)
    {
        var snapshot = Snapshot(input["snapshot"]?.ToString() ?? "");
        var from = input["from_snapshot"] is { } id ? Snapshot(id.ToString()) : null;
        if (_downloads.Values.Any(d => d.Snapshot == snapshot))
            throw new Refusal(400, "this snapshot has already been made available for download");
        if (Content(snapshot, from, input["format"]?.ToString() ?? "archive") is not var (script, content))
            throw new Refusal(400, "the script has no such export of this snapshot");
        var download = new ServedDownload(Interlocked.Increment(ref _lastId), snapshot, from, script, content);
        _ever[download.Id] = download;
        return _downloads[download.Id] = download;
    }

    private JsonObject Delete(string id)
    {
        Forget(Download(id));
        return One("snapshot_download", []);
    }

    private static JsonObject Describe()
    {
        var description = Resource("vpsadmin-7.json");
        var authentication = description["authentication"]!.AsObject();
        foreach (var (name, provider) in Resource("token.json"))
            authentication[name] = provider?.DeepClone();
        return description;
    }

    private static JsonObject Resource(string name)
    {
        using var file = typeof(ApiFront).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        return JsonNode.Parse(file)!.AsObject();
    }

    private sealed class Refusal(int status, string message) : Exception(message)
    {
        public int Status { get; } = status;
    }
}
