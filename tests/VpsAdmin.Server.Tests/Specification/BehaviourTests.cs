using System.Net;
using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Tests.Specification;

/// <summary>Who may do what, what is refused with which words, and what lists hold in which order: one table, asked over HTTP.</summary>
public sealed class BehaviourTests(SpecifiedServer server) : IClassFixture<SpecifiedServer>
{
    private const string NotLoggedIn = "Action requires user to authenticate";
    private const string NotAllowed = "Access denied. Insufficient permissions.";
    private const string NotFound = "object not found";

    /// <summary>Columns: who, method, path, body, HTTP status, words. Of an input the words begin with its name.</summary>
    public static TheoryData<string, string, string, string?, int, string> Refusals => new()
    {
        { "stranger", "GET", "datasets", null, 401, NotLoggedIn },
        { "stranger", "GET", "users/current", null, 401, NotLoggedIn },
        { "stranger", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>}}""", 401, NotLoggedIn },
        { "joe", "GET", "nothing", null, 404, "Action not found" },
        { "joe", "POST", "snapshot_downloads", "{", 400, "Bad JSON syntax" },

        { "joe", "GET", "pools", null, 403, NotAllowed },
        { "joe", "GET", "users", null, 403, NotAllowed },
        { "joe", "GET", "migration_plans", null, 403, NotAllowed },
        { "joe", "POST", "migration_plans", """{"migration_plan":{}}""", 403, NotAllowed },
        { "joe", "GET", "cluster/full_stats", null, 403, NotAllowed },

        // What is somebody else's is not there.
        { "joe", "GET", "datasets/<dataset 102>", null, 404, NotFound },
        { "joe", "GET", "datasets/find_by_name?dataset[name]=102", null, 404, NotFound },
        { "joe", "GET", "datasets?dataset[dataset]=<dataset 102>", null, 404, NotFound },
        { "joe", "PUT", "datasets/<dataset 102>", """{"dataset":{"atime":false}}""", 404, NotFound },
        { "joe", "DELETE", "datasets/<dataset 102>", null, 404, NotFound },
        { "joe", "POST", "datasets/<dataset 102>/inherit", """{"dataset":{"property":"atime"}}""", 404, NotFound },
        { "joe", "GET", "datasets/<dataset 102>/snapshots/<snapshot of ann>", null, 404, NotFound },
        { "joe", "GET", "datasets/<dataset 101>/snapshots/<snapshot of ann>", null, 404, NotFound },
        { "joe", "POST", "datasets/<dataset 102>/snapshots", null, 404, NotFound },
        { "joe", "DELETE", "datasets/<dataset 102>/snapshots/<snapshot of ann>", null, 404, NotFound },
        { "joe", "POST", "datasets/<dataset 102>/snapshots/<snapshot of ann>/rollback", null, 404, NotFound },
        { "joe", "GET", "snapshot_downloads/<download of ann>", null, 404, NotFound },
        { "joe", "DELETE", "snapshot_downloads/<download of ann>", null, 404, NotFound },
        { "joe", "GET", "transaction_chains/<chain of ann>", null, 404, NotFound },
        { "joe", "GET", "users/<ann>", null, 404, NotFound },
        { "ann", "GET", "vpses/<vps>", null, 404, NotFound },
        { "admin", "GET", "datasets/99999", null, 404, NotFound },

        // Downloads: the order of what is checked, and the words, are vpsAdmin's.
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{}}""", 200, "snapshot: required parameter missing" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"format":"nope"}}""", 200, "format: nope cannot be used" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":99999}}""", 404, NotFound },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot of ann>}}""", 404, NotFound },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot exported>,"format":"incremental_stream"}}""", 200, "this snapshot has already been made available for download" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"format":"incremental_stream"}}""", 200, "from_snapshot is required" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot of ann>,"format":"incremental_stream"}}""", 404, NotFound },
        { "admin", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot of ann>,"format":"incremental_stream"}}""", 200, "from_snapshot must belong to the same dataset" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot older>,"format":"archive"}}""", 200, "from_snapshot is for incremental_stream format only" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot other history>,"format":"incremental_stream"}}""", 200, "snapshot and snapshot2 must share the same history identifier" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot target>,"format":"incremental_stream"}}""", 200, "from_snapshot must precede snapshot" },
        { "joe", "POST", "snapshot_downloads", """{"snapshot_download":{"snapshot":<snapshot target>,"from_snapshot":<snapshot later>,"format":"incremental_stream"}}""", 200, "from_snapshot must precede snapshot" },

        // Snapshots and datasets.
        { "joe", "PUT", "datasets/<dataset 101>", """{"dataset":{"quota":0}}""", 200, "quota: of a root dataset is set by administrators" },
        { "joe", "PUT", "datasets/<dataset 101>", """{"dataset":{"atime":false,"refquota":9}}""", 200, "refquota: of a root dataset is set by administrators" },
        { "joe", "POST", "datasets/<dataset 103>/snapshots", null, 200, "cannot make more than 20 snapshots" },
        { "joe", "DELETE", "datasets/<dataset 104>/snapshots/<snapshot referenced>", null, 200, "this snapshot cannot be destroyed as others are depending on it" },
        { "joe", "DELETE", "datasets/<dataset 101/var>/snapshots/<snapshot of 101/var>", null, 200, "cannot destroy snapshot with backups" },
        { "joe", "DELETE", "datasets/<dataset 101>", null, 200, "this dataset is the root filesystem of VPS <vps> and cannot be deleted without it" },
        { "joe", "POST", "datasets", """{"dataset":{"dataset":<dataset 101>,"name":"private"}}""", 200, "name: 'private' is a reserved name" },
        { "joe", "POST", "datasets", """{"dataset":{"dataset":<dataset 101>,"name":"branch-x"}}""", 200, "name: 'branch-x' is a reserved name" },
        { "joe", "POST", "datasets", """{"dataset":{"dataset":<dataset 101>,"name":"a..b"}}""", 200, "name: 'a..b' is not a valid name" },
        { "joe", "POST", "datasets", """{"dataset":{"dataset":<dataset 101>,"name":"var"}}""", 200, "name: dataset '101/var' already exists" },
        { "joe", "POST", "datasets/<dataset 101>/inherit", """{"dataset":{"property":"sharenfs"}}""", 200, "property: there is no property 'sharenfs'" },
        { "joe", "POST", "datasets/<dataset 101>/inherit", """{"dataset":{"property":"quota"}}""", 200, "property: property 'quota' is not inherited" },

        // Plans.
        { "admin", "POST", "migration_plans", """{"migration_plan":{"concurrency":0}}""", 200, "concurrency: must be between 1 and 1000" },
        { "admin", "GET", "migration_plans/99999", null, 404, NotFound },

        // Pages.
        { "joe", "GET", "datasets?dataset[limit]=1001", null, 200, "limit: must be between 0 and 1000" },
        { "joe", "GET", "transaction_chains?transaction_chain[state]=nope", null, 200, "state: nope cannot be used" },
    };

    /// <summary>Columns: who, path, list, kind of name, and the names that the list has, in its order.</summary>
    public static TheoryData<string, string, string, string, string[]> Lists => new()
    {
        { "joe", "datasets", "datasets", "dataset", ["dataset 101", "dataset 101/var", "dataset 103", "dataset 104"] },
        { "admin", "datasets", "datasets", "dataset", ["dataset 101", "dataset 101/var", "dataset 102", "dataset 103", "dataset 104"] },
        { "admin", "datasets?dataset[user]=<ann>", "datasets", "dataset", ["dataset 102"] },
        { "joe", "datasets?dataset[user]=<ann>", "datasets", "dataset", ["dataset 101", "dataset 101/var", "dataset 103", "dataset 104"] },
        { "joe", "datasets?dataset[dataset]=<dataset 101>", "datasets", "dataset", ["dataset 101", "dataset 101/var"] },
        { "joe", "datasets?dataset[dataset]=<dataset 101>&dataset[to_depth]=0", "datasets", "dataset", ["dataset 101"] },
        { "joe", "datasets?dataset[vps]=<vps>", "datasets", "dataset", ["dataset 101", "dataset 101/var"] },
        { "joe", "datasets?dataset[role]=backup", "datasets", "dataset", ["dataset 101/var"] },
        { "joe", "datasets?dataset[limit]=2&dataset[from_id]=<dataset 101>", "datasets", "dataset", ["dataset 101/var", "dataset 103"] },
        { "joe", "datasets/<dataset 101>/snapshots", "snapshots", "snapshot", ["snapshot exported", "snapshot other history", "snapshot older", "snapshot target", "snapshot later"] },
        { "joe", "datasets/<dataset 102>/snapshots", "snapshots", "snapshot", [] },
        { "joe", "snapshot_downloads", "snapshot_downloads", "download", ["download"] },
        { "admin", "snapshot_downloads", "snapshot_downloads", "download", ["download", "download of ann"] },
        { "admin", "snapshot_downloads?snapshot_download[dataset]=<dataset 102>", "snapshot_downloads", "download", ["download of ann"] },
        { "joe", "snapshot_downloads?snapshot_download[snapshot]=<snapshot exported>", "snapshot_downloads", "download", ["download"] },
        { "joe", "snapshot_downloads?snapshot_download[snapshot]=<snapshot target>", "snapshot_downloads", "download", [] },
        { "joe", "transaction_chains", "transaction_chains", "chain", ["chain of joe"] },
        { "admin", "transaction_chains", "transaction_chains", "chain", ["chain of ann", "chain of joe"] },
        { "admin", "transaction_chains?transaction_chain[class_name]=Snapshot&transaction_chain[row_id]=<snapshot exported>", "transaction_chains", "chain", ["chain of joe"] },
        { "joe", "vpses", "vpses", "vps", ["vps"] },
        { "ann", "vpses", "vpses", "vps", [] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refused(string who, string method, string path, string? body, int status, string words)
    {
        var (httpStatus, reply) = await server.AskAsync(who, method, path, body);

        Assert.Equal((status, false), ((int)httpStatus, (bool)reply["status"]!));
        Assert.Null(reply["response"]);
        Assert.Equal(server.Filled(words), Words(reply));
        Assert.True(server.IsIdle);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Listed(string who, string path, string list, string kind, string[] names)
    {
        var (httpStatus, reply) = await server.AskAsync(who, "GET", path, body: null);

        Assert.Equal((HttpStatusCode.OK, true), (httpStatus, (bool)reply["status"]!));
        Assert.Equal(names, server.Names(reply["response"]![list]!.AsArray().Select(static item => (long)item!["id"]!), kind));
    }

    [Fact]
    public async Task Without_a_limit_a_list_of_snapshots_is_whole_and_counted_on_request()
    {
        var (_, reply) = await server.AskAsync("joe", "GET", "datasets/<dataset 103>/snapshots?_meta[count]=true", body: null);
        Assert.Equal(20, reply["response"]!["snapshots"]!.AsArray().Count);
        Assert.Equal(20, (int)reply["response"]!["_meta"]!["total_count"]!);
    }

    /// <summary>The message, or of a wrong input its name and what is wrong.</summary>
    private static string? Words(JsonNode reply) =>
        reply["errors"] is JsonObject { Count: > 0 } errors && errors.First() is var (name, list) ? $"{name}: {list![0]}" : (string?)reply["message"];
}
