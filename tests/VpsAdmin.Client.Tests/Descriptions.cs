using System.Text.Json.Nodes;
using VpsAdmin.Scripted;

namespace VpsAdmin.Client.Tests;

/// <summary>The fixtures with what administrators see besides, as each generation describes it.</summary>
internal static class Descriptions
{
    public static JsonObject New() => Extend(Fixture.Read("vpsadmin-7.json"), "/v7.0", "path", static p => $"{{{p}}}", "maintenance_window");

    public static JsonObject Old() => Extend(Fixture.Read("vpsadmin-2.json"), "/v2.0", "url", static p => $":{p}", "outage_window");

    private static JsonObject Extend(JsonObject description, string prefix, string pathKey, Func<string, string> placeholder, string window)
    {
        var resources = description["resources"]!.AsObject();
        var plan = placeholder("migration_plan_id");
        resources["migration_plan"] = new JsonObject
        {
            ["actions"] = new JsonObject
            {
                ["create"] = Action("POST", $"{prefix}/migration_plans", "migration_plan", "migration_plan", "stop_on_error", "send_mail", "concurrency", "reason"),
                ["show"] = Action("GET", $"{prefix}/migration_plans/{plan}", "migration_plan", "migration_plan"),
                ["start"] = Action("POST", $"{prefix}/migration_plans/{plan}/start", "migration_plan", "migration_plan"),
            },
            ["resources"] = new JsonObject
            {
                ["vps_migration"] = new JsonObject
                {
                    ["actions"] = new JsonObject
                    {
                        ["create"] = Action("POST", $"{prefix}/migration_plans/{plan}/vps_migrations", "vps_migration", "vps_migration", "vps", "dst_node", window, "cleanup_data"),
                        ["index"] = Action("GET", $"{prefix}/migration_plans/{plan}/vps_migrations", "vps_migration", "vps_migrations"),
                    },
                    ["resources"] = new JsonObject(),
                },
            },
        };
        var chain = resources["transaction_chain"]!["actions"]!.AsObject();
        chain["index"] = Action("GET", $"{prefix}/transaction_chains", "transaction_chain", "transaction_chains", "limit", "name", "state", "user", "class_name", "row_id");
        chain["show"] = Action("GET", $"{prefix}/transaction_chains/{placeholder("transaction_chain_id")}", "transaction_chain", "transaction_chain");
        var snapshot = resources["dataset"]!["resources"]!["snapshot"]!["actions"]!.AsObject();
        snapshot["rollback"] = Action("POST", $"{prefix}/datasets/{placeholder("dataset_id")}/snapshots/{placeholder("snapshot_id")}/rollback", "snapshot", "snapshot");
        snapshot["rollback"]!["blocking"] = pathKey == "path";
        resources["vps"]!["actions"]!["index"] = Action("GET", $"{prefix}/vpses", "vps", "vpses", "user", "node", "object_state");
        return description;

        JsonObject Action(string method, string path, string input, string output, params string[] parameters) => new()
        {
            ["auth"] = true,
            ["method"] = method,
            [pathKey] = path,
            ["input"] = new JsonObject
            {
                ["namespace"] = input,
                ["layout"] = "object",
                ["parameters"] = new JsonObject(parameters.Select(static p => KeyValuePair.Create<string, JsonNode?>(p, new JsonObject { ["type"] = "Custom" }))),
            },
            ["output"] = new JsonObject { ["namespace"] = output, ["layout"] = "object", ["parameters"] = new JsonObject() },
        };
    }
}
