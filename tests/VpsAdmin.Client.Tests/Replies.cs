using System.Text.Json.Nodes;

namespace VpsAdmin.Client.Tests;

/// <summary>Objects as vpsAdmin sends them.</summary>
internal static class Replies
{
    public const string Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public const string User = """{"id":3,"login":"jane","full_name":"Jane Doe","email":"jane@example.org","level":1,"_meta":{"path_params":[3],"resolved":true}}""";

    public const string Node = """{"id":101,"name":"node1","domain_name":"node1.prg","_meta":{"path_params":[101],"resolved":true}}""";

    public const string Pool = """
        {"id":4,"node":{"id":101,"domain_name":"node1.prg","_meta":{"path_params":[101],"resolved":false}},"label":"Fast","filesystem":"tank/ct","role":"hypervisor"}
        """;

    public const string Vps = """
        {"id":12,"hostname":"web","user":{"id":3,"login":"jane","_meta":{"path_params":[3],"resolved":false}},
         "node":{"id":101,"domain_name":"node1.prg","_meta":{"path_params":[101],"resolved":false}},
         "dataset":{"id":5,"name":"12","_meta":{"path_params":[5],"resolved":false}},"is_running":true,"object_state":"active","memory":4096}
        """;

    public const string Dataset = """
        {"id":6,"name":"12/var/www","parent":{"id":5,"name":"12","_meta":{"path_params":[5],"resolved":false}},
         "user":{"id":3,"login":"jane","_meta":{"path_params":[3],"resolved":false}},
         "current_history_id":2,"used":1024,"referenced":512,"avail":99000,"compressratio":1.52}
        """;

    public const string Snapshot = """
        {"id":41,"dataset":{"id":6,"name":"12/var/www","_meta":{"path_params":[6],"resolved":false}},"name":"2026-03-02T00:00:00",
         "label":"before the upgrade","created_at":"2026-03-02T00:00:00Z","history_id":2,"mount":null}
        """;

    public const string Download = $$$"""
        {"id":7,"user":{"id":3,"login":"jane","_meta":{"path_params":[3],"resolved":false}},
         "snapshot":{"id":42,"created_at":"2026-03-03 00:00:00 UTC","_meta":{"path_params":[6,42],"resolved":false}},
         "from_snapshot":{"id":41,"created_at":"2026-03-02 00:00:00 UTC","_meta":{"path_params":[6,41],"resolved":false}},
         "format":"incremental_stream","file_name":"12__a__b.inc.dat.gz","url":"https://download.example.org:8443/node1/4/key/12__a__b.inc.dat.gz?x=1",
         "size":300,"sha256sum":"{{{Sha256}}}","ready":true,"expiration_date":"2026-03-10T00:00:00+00:00"}
        """;

    public const string Chain = """
        {"id":900,"name":"download","label":"Download","state":"done","size":3,"progress":3,"created_at":"2026-03-02T00:00:00Z","concerns":{"type":"affect","objects":[["Snapshot",41]]}}
        """;

    /// <summary>The object with one field changed.</summary>
    /// <param name="value">JSON; null: the field is taken out.</param>
    public static string With(string json, string field, string? value)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        if (value is null)
            node.Remove(field);
        else
            node[field] = JsonNode.Parse(value);
        return node.ToJsonString();
    }
}
