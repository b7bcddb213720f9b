using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace VpsAdmin.Lab.Vps2016;

/// <summary>vpsAdmin 2.3: the resources that have to do with backups, of one member.</summary>
internal sealed class OldResources
{
    private const long UserId = 3;
    private const long VpsId = 101;
    private static readonly DateTimeOffset Epoch = new(2016, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Func<OldDownload, Uri> _url;
    private readonly List<OldDataset> _datasets = [];
    private readonly List<OldSnapshot> _snapshots = [];
    private readonly List<OldDownload> _downloads = [];
    private readonly List<(long Id, string Name, string Label, string Class, long Row)> _chains = [];
    private long _lastId = 40;

    public OldResources(TimeProvider time, Func<OldDownload, Uri> url)
    {
        (_time, _url) = (time, url);
        Actions = Declare();
    }

    public IReadOnlyList<OldAction> Actions { get; }

    public bool ExportsAtOnce { get; set; } = true;

    public Func<OldSnapshot, OldSnapshot?, string, byte[]> Content { get; set; } =
        (snapshot, from, format) => Encoding.UTF8.GetBytes($"{format} of {snapshot.Dataset.Name}@{snapshot.Name} from {from?.Name ?? "nothing"}");

    public IReadOnlyList<OldDownload> Downloads
    {
        get
        {
            lock (_gate)
                return [.. _downloads];
        }
    }

    public OldDataset AddDataset(string name, OldDataset? parent, int historyId)
    {
        lock (_gate)
        {
            var dataset = new OldDataset(++_lastId, name, parent, historyId);
            _datasets.Add(dataset);
            return dataset;
        }
    }

    public OldSnapshot AddSnapshot(OldDataset dataset, string name, DateTimeOffset createdAt, int historyId)
    {
        lock (_gate)
        {
            var snapshot = new OldSnapshot(++_lastId, dataset, name, createdAt, historyId);
            _snapshots.Add(snapshot);
            return snapshot;
        }
    }

    public void Write(OldDownload download, int bytes)
    {
        lock (_gate)
            download.Written = Math.Min(bytes, download.Content.Length);
    }

    public void Complete(OldDownload download)
    {
        lock (_gate)
            (download.Written, download.Ready) = (download.Content.Length, true);
    }

    public void Forget(OldDownload download)
    {
        lock (_gate)
            _downloads.Remove(download);
    }

    private List<OldAction> Declare()
    {
        OldParameter[] page = [new("offset", "Integer"), new("limit", "Integer")];
        OldParameter user = new("user", "Resource", Resource: ["user"], Label: "login");
        OldParameter dataset = new("dataset", "Resource", Resource: ["dataset"], Label: "name");
        OldParameter Snapshot(string name, bool required = false) =>
            new(name, "Resource", required, Resource: ["dataset", "snapshot"], Label: "created_at");
        OldParameter[] users = [new("id", "Integer"), new("login"), new("full_name"), new("email"), new("level", "Integer")];
        OldParameter[] vpses = [new("id", "Integer"), new("hostname"), user, dataset, new("object_state")];
        OldParameter[] datasets =
        [
            new("id", "Integer"), new("name"), new("parent", "Resource", Resource: ["dataset"], Label: "name"), user,
            new("current_history_id", "Integer"), new("used", "Integer"), new("referenced", "Integer"), new("avail", "Integer"),
        ];
        OldParameter[] snapshots = [new("id", "Integer"), dataset, new("name"), new("created_at", "Datetime"), new("history_id", "Integer")];
        OldParameter[] downloads =
        [
            new("id", "Integer"), user, Snapshot("snapshot"), Snapshot("from_snapshot"), new("format"), new("file_name"), new("url"),
            new("size", "Integer"), new("sha256sum"), new("ready", "Boolean"), new("expiration_date", "Datetime"),
        ];
        OldParameter[] download =
        [
            Snapshot("snapshot", required: true), Snapshot("from_snapshot"),
            new("format", Default: "\"archive\"", Choices: ["archive", "stream", "incremental_stream"]), new("send_mail", "Boolean", Default: "true"),
        ];
        OldParameter[] chains =
        [
            new("id", "Integer"), new("name"), new("label"), new("state"), new("size", "Integer"), new("progress", "Integer"), new("created_at", "Datetime"),
        ];
        OldParameter[] chainFilter =
        [
            new("offset", "Integer"), new("limit", "Integer", Default: "25"), new("name"),
            new("state", Choices: ["staged", "queued", "done", "rollbacking", "failed", "fatal", "resolved"]), new("class_name"), new("row_id", "Integer"),
        ];
        return
        [
            new("user", "current", "GET", "/users/current", [], users, Guarded(_ => UserOf())),
            new("vps", "index", "GET", "/vpses", page, vpses, Guarded(_ => new JsonArray([.. Vpses()]))),
            new("vps", "show", "GET", "/vpses/:vps_id", [], vpses, Guarded(c => Vpses().FirstOrDefault(_ => c.Ids[0] == VpsId) ?? throw Missing("Vps", c.Ids[0]))),
            new("dataset", "index", "GET", "/datasets", [.. page, user, dataset, new("role", Choices: ["hypervisor", "primary", "backup"])], datasets, Guarded(Datasets)),
            new("dataset", "show", "GET", "/datasets/:dataset_id", [], datasets, Guarded(c => Json(Dataset(c.Ids[0])))),
            new("dataset.snapshot", "index", "GET", "/datasets/:dataset_id/snapshots", page, snapshots, Guarded(Snapshots)),
            new("dataset.snapshot", "show", "GET", "/datasets/:dataset_id/snapshots/:snapshot_id", [], snapshots, Guarded(c => Json(SnapshotOf(c.Ids[1])))),
            new("dataset.snapshot", "create", "POST", "/datasets/:dataset_id/snapshots", [], snapshots, Guarded(TakeSnapshot)),
            new("dataset.snapshot", "delete", "DELETE", "/datasets/:dataset_id/snapshots/:snapshot_id", [], [], Guarded(DeleteSnapshot)),
            new("snapshot_download", "index", "GET", "/snapshot_downloads", [.. page, dataset, Snapshot("snapshot")], downloads, Guarded(DownloadList)),
            new("snapshot_download", "show", "GET", "/snapshot_downloads/:snapshot_download_id", [], downloads, Guarded(c => Json(Download(c.Ids[0])))),
            new("snapshot_download", "create", "POST", "/snapshot_downloads", download, downloads, Guarded(Export)),
            new("snapshot_download", "delete", "DELETE", "/snapshot_downloads/:snapshot_download_id", [], [], Guarded(DeleteDownload)),
            new("transaction_chain", "index", "GET", "/transaction_chains", chainFilter, chains, Guarded(Chains)),
        ];
    }

    private Func<OldCall, JsonNode> Guarded(Func<OldCall, JsonNode> handle) => call =>
    {
        lock (_gate)
            return handle(call);
    };

    private JsonArray Datasets(OldCall call)
    {
        var root = call.Integer("dataset") is { } id ? Dataset(id).Name : null;
        return Page(call, _datasets.Where(d => root is null || d.Name == root || d.Name.StartsWith(root + "/", StringComparison.Ordinal))
            .OrderBy(d => d.Name, StringComparer.Ordinal).Select(Json));
    }

    /// <summary>A dataset of somebody else, or of nobody, has no snapshots.</summary>
    private JsonArray Snapshots(OldCall call) =>
        Page(call, _snapshots.Where(s => s.Dataset.Id == call.Ids[0]).OrderBy(s => s.CreatedAt).Select(Json));

    private JsonArray DownloadList(OldCall call) => Page(call, _downloads
        .Where(d => (call.Integer("snapshot") ?? d.Snapshot.Id) == d.Snapshot.Id && (call.Integer("dataset") ?? d.Snapshot.Dataset.Id) == d.Snapshot.Dataset.Id)
        .Select(Json));

    private JsonArray Chains(OldCall call) => Page(call, _chains
        .Where(c => (call.Text("name") ?? c.Name) == c.Name && (call.Text("state") ?? "done") == "done"
            && (call.Text("class_name") ?? c.Class) == c.Class && (call.Integer("row_id") ?? c.Row) == c.Row)
        .OrderByDescending(c => c.Id)
        .Select(c => new JsonObject
        {
            ["id"] = c.Id, ["name"] = c.Name, ["label"] = c.Label, ["state"] = "done", ["size"] = 1, ["progress"] = 1, ["created_at"] = Time(Epoch.AddSeconds(c.Id)),
        }));

    private JsonObject TakeSnapshot(OldCall call)
    {
        var dataset = Dataset(call.Ids[0]);
        var now = _time.GetUtcNow();
        var snapshot = new OldSnapshot(++_lastId, dataset, now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture), now, dataset.HistoryId);
        _snapshots.Add(snapshot);
        Chain("snapshot", "Snapshot", "Dataset", dataset.Id);
        // The row as it was before the node had its turn.
        return Json(snapshot with { Name = snapshot.Name + " (unconfirmed)" });
    }

    private JsonObject DeleteSnapshot(OldCall call)
    {
        _snapshots.Remove(SnapshotOf(call.Ids[1]));
        return [];
    }

    private JsonObject Export(OldCall call)
    {
        var snapshot = SnapshotOf(call.Integer("snapshot")!.Value);
        var from = call.Integer("from_snapshot") is { } id ? SnapshotOf(id) : null;
        var format = call.Text("format")!;
        if (_downloads.Any(d => d.Snapshot == snapshot && d.Ready))
            throw new OldFailure("this snapshot has already been made available for download");
        if (_downloads.Any(d => d.Snapshot == snapshot))
            throw new OldFailure("Resource is locked. Try again later.");
        if (format == "incremental_stream" && from is null)
            throw new OldFailure("from_snapshot is required");
        if (format != "incremental_stream" && from is not null)
            throw new OldFailure("from_snapshot is for incremental_stream format only");
        if (from is not null && from.HistoryId != snapshot.HistoryId)
            throw new OldFailure("snapshot and snapshot2 must share the same history identifier");
        if (from?.CreatedAt > snapshot.CreatedAt)
            throw new OldFailure("from_snapshot must precede snapshot");
        var download = new OldDownload
        {
            Id = ++_lastId, Snapshot = snapshot, FromSnapshot = from, Format = format, SendMail = call.Flag("send_mail") ?? true,
            FileName = FileName(snapshot, from, format), CreatedAt = _time.GetUtcNow(), Content = Content(snapshot, from, format),
        };
        _downloads.Add(download);
        Chain("download", "Download", "Snapshot", snapshot.Id);
        var reply = Json(download);
        if (ExportsAtOnce)
            (download.Written, download.Ready) = (download.Content.Length, true);
        return reply;
    }

    private JsonObject DeleteDownload(OldCall call)
    {
        _downloads.Remove(Download(call.Ids[0]));
        return [];
    }

    private void Chain(string name, string label, string className, long row) => _chains.Add((++_lastId, name, label, className, row));

    private OldDataset Dataset(long id) => _datasets.Find(d => d.Id == id) ?? throw Missing("Dataset", id);

    private OldSnapshot SnapshotOf(long id) => _snapshots.Find(s => s.Id == id) ?? throw Missing("Snapshot", id);

    private OldDownload Download(long id) => _downloads.Find(d => d.Id == id) ?? throw Missing("SnapshotDownload", id);

    private static OldFailure Missing(string model, long id) => new($"object {model} = {id} not found");

    private static string FileName(OldSnapshot snapshot, OldSnapshot? from, string format)
    {
        var dataset = snapshot.Dataset.Name.Replace('/', '_');
        static string Safe(string name) => name.Replace(':', '-');
        return format switch
        {
            "archive" => $"{dataset}__{Safe(snapshot.Name)}.tar.gz",
            "stream" => $"{dataset}__{Safe(snapshot.Name)}.dat.gz",
            _ => $"{dataset}__{Safe(from!.Name)}__{Safe(snapshot.Name)}.inc.dat.gz",
        };
    }

    /// <summary>Both are counted from the beginning; <c>from_id</c> means nothing here and is not even noticed.</summary>
    private static JsonArray Page(OldCall call, IEnumerable<JsonObject> rows)
    {
        var page = rows.Skip((int)(call.Integer("offset") ?? 0));
        return new JsonArray([.. call.Integer("limit") is { } limit ? page.Take((int)limit) : page]);
    }

    private static JsonObject UserOf() => new()
    {
        ["id"] = UserId, ["login"] = OldVpsAdmin.Login, ["full_name"] = "Joe", ["email"] = "joe@example.org", ["level"] = 1,
    };

    private IEnumerable<JsonObject> Vpses() => _datasets.Where(d => d.Parent is null).Take(1).Select(root => new JsonObject
    {
        ["id"] = VpsId, ["hostname"] = "vps101", ["user"] = User(), ["dataset"] = Association(root), ["object_state"] = "active",
        ["_meta"] = Meta(true, VpsId),
    });

    private static JsonObject User() => new() { ["id"] = UserId, ["login"] = OldVpsAdmin.Login, ["_meta"] = Meta(false, UserId) };

    private static JsonObject Association(OldDataset dataset) => new() { ["id"] = dataset.Id, ["name"] = dataset.Name, ["_meta"] = Meta(false, dataset.Id) };

    private static JsonObject? Association(OldSnapshot? snapshot) => snapshot is null ? null : new JsonObject
    {
        // Not ISO 8601: labels do not go through the formatter of times.
        ["id"] = snapshot.Id, ["created_at"] = snapshot.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture),
        ["_meta"] = Meta(false, snapshot.Dataset.Id, snapshot.Id),
    };

    private static JsonObject Json(OldDataset dataset) => new()
    {
        ["id"] = dataset.Id, ["name"] = dataset.Name, ["parent"] = dataset.Parent is { } parent ? Association(parent) : null, ["user"] = User(),
        ["current_history_id"] = dataset.HistoryId, ["used"] = 1024, ["referenced"] = 512, ["avail"] = 99_000, ["_meta"] = Meta(true, dataset.Id),
    };

    /// <summary>Without the dataset's id in url_params, as HaveAPI before 0.8 does it.</summary>
    private static JsonObject Json(OldSnapshot snapshot) => new()
    {
        ["id"] = snapshot.Id, ["dataset"] = Association(snapshot.Dataset), ["name"] = snapshot.Name, ["created_at"] = Time(snapshot.CreatedAt),
        ["history_id"] = snapshot.HistoryId, ["_meta"] = Meta(true, snapshot.Id),
    };

    private JsonObject Json(OldDownload download) => new()
    {
        ["id"] = download.Id, ["user"] = User(), ["snapshot"] = Association(download.Snapshot), ["from_snapshot"] = Association(download.FromSnapshot),
        ["format"] = download.Format, ["file_name"] = download.FileName, ["url"] = _url(download).AbsoluteUri,
        ["size"] = download.Written is null ? null : download.Content.Length >> 20,
        ["sha256sum"] = download.Ready ? Convert.ToHexStringLower(SHA256.HashData(download.Content)) : null, ["ready"] = download.Ready,
        ["expiration_date"] = Time(download.CreatedAt.AddDays(7)), ["_meta"] = Meta(true, download.Id),
    };

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Meta(bool resolved, params long[] ids) => new() { ["url_params"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]), ["resolved"] = resolved };
}
