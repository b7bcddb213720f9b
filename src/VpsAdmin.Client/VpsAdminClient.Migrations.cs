using System.Text.Json.Nodes;

namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    private const string AddMigration = "migration_plan.vps_migration#create";

    /// <summary>A plan without servers; only options that are set are sent (V24).</summary>
    public Task<MigrationPlan> CreateMigrationPlanAsync(MigrationPlanOptions options, CancellationToken cancel)
    {
        var input = new JsonObject();
        Set(input, "stop_on_error", options.StopOnError);
        Set(input, "send_mail", options.SendMail);
        Set(input, "concurrency", options.Concurrency);
        Set(input, "reason", options.Reason);
        return OneAsync("migration_plan#create", [], input, ResourceReader.MigrationPlan, cancel);
    }

    public Task<MigrationPlan> GetMigrationPlanAsync(long id, CancellationToken cancel) => OneAsync("migration_plan#show", [id], null, ResourceReader.MigrationPlan, cancel);

    /// <summary>Adds a server to a plan that has not been started; only options that are set are sent (V24).</summary>
    public Task<VpsMigration> AddMigrationAsync(long planId, long vpsId, long nodeId, VpsMigrationOptions options, CancellationToken cancel)
    {
        var input = new JsonObject { ["vps"] = vpsId, ["dst_node"] = nodeId };
        Set(input, "cleanup_data", options.CleanupData);
        // The server says which name it knows; neither is an error, and not silence (BUG-11).
        Set(input, Takes(AddMigration, "outage_window") ? "outage_window" : "maintenance_window", options.MaintenanceWindow);
        return OneAsync(AddMigration, [planId], input, ResourceReader.VpsMigration, cancel);
    }

    public Task<IReadOnlyList<VpsMigration>> GetMigrationsAsync(long planId, CancellationToken cancel) =>
        ManyAsync("migration_plan.vps_migration#index", [planId], null, ResourceReader.VpsMigration, cancel);

    public Task<MigrationPlan> StartMigrationPlanAsync(long id, CancellationToken cancel) =>
        OneAsync("migration_plan#start", [id], null, ResourceReader.MigrationPlan, cancel);

    /// <summary>What has begun goes on to its end; the others stay where they are.</summary>
    public Task<MigrationPlan> CancelMigrationPlanAsync(long id, CancellationToken cancel) =>
        OneAsync("migration_plan#cancel", [id], null, ResourceReader.MigrationPlan, cancel);

    /// <param name="state">Only plans in this state; null: all.</param>
    public Task<IReadOnlyList<MigrationPlan>> GetMigrationPlansAsync(string? state, CancellationToken cancel) =>
        ManyAsync("migration_plan#index", [], state is null ? null : new JsonObject { ["state"] = state }, ResourceReader.MigrationPlan, cancel);

    /// <summary>Asks until the plan has finished, well or not.</summary>
    /// <param name="progress">Told of the plan's servers after each question.</param>
    public Task<MigrationPlan> WaitForMigrationPlanAsync(long id, TimeProvider time, IProgress<IReadOnlyList<VpsMigration>>? progress, CancellationToken cancel) =>
        PollAsync(
            async () =>
            {
                var plan = await GetMigrationPlanAsync(id, cancel).ConfigureAwait(false);
                progress?.Report(await GetMigrationsAsync(id, cancel).ConfigureAwait(false));
                return plan;
            },
            static plan => plan.IsFinished, time, cancel);
}
