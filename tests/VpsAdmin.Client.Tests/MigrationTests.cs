using VpsAdmin.HaveApi;
using static VpsAdmin.Client.Tests.Connected;

namespace VpsAdmin.Client.Tests;

public sealed class MigrationTests
{
    private const string Plan = """{"id":5,"state":"staged","stop_on_error":true,"send_mail":true,"concurrency":10,"reason":null,"created_at":"2026-03-02T00:00:00Z","finished_at":null}""";
    private const string Migration = """{"id":9,"state":"queued","vps":{"id":101},"src_node":{"id":1},"dst_node":{"id":12},"transaction_chain":null,"cleanup_data":false}""";

    [Fact]
    public async Task What_the_user_did_not_say_is_not_sent_V24()
    {
        await using var it = (await ToNewAsync(Descriptions.New()))
            .On("POST /v7.0/migration_plans", $$"""{"migration_plan":{{Plan}}}""").On("POST /v7.0/migration_plans/5/vps_migrations", $$"""{"vps_migration":{{Migration}}}""");

        var plan = await it.Client.CreateMigrationPlanAsync(new MigrationPlanOptions(), Cancel);
        await it.Client.AddMigrationAsync(plan.Id, 101, 12, new VpsMigrationOptions(CleanupData: false), Cancel);

        Assert.Equal(
            ["""POST /v7.0/migration_plans {"migration_plan":{}}""",
             """POST /v7.0/migration_plans/5/vps_migrations {"vps_migration":{"vps":101,"dst_node":12,"cleanup_data":false}}"""],
            it.Calls);
    }

    [Fact]
    public async Task What_the_user_said_is_sent()
    {
        await using var it = (await ToNewAsync(Descriptions.New())).On("POST /v7.0/migration_plans", $$"""{"migration_plan":{{Plan}}}""");
        await it.Client.CreateMigrationPlanAsync(new MigrationPlanOptions(StopOnError: false, SendMail: false, Concurrency: 2, Reason: "upgrade"), Cancel);
        Assert.Equal(["""POST /v7.0/migration_plans {"migration_plan":{"stop_on_error":false,"send_mail":false,"concurrency":2,"reason":"upgrade"}}"""], it.Calls);
    }

    [Fact]
    public async Task The_window_has_the_name_that_the_server_describes_BUG_11()
    {
        await using var today = (await ToNewAsync(Descriptions.New())).On("POST /v7.0/migration_plans/5/vps_migrations", $$"""{"vps_migration":{{Migration}}}""");
        await using var once = (await ToOldAsync(Descriptions.Old())).On("POST /v2.0/migration_plans/5/vps_migrations", $$"""{"vps_migration":{{Migration}}}""");

        await today.Client.AddMigrationAsync(5, 101, 12, new VpsMigrationOptions(MaintenanceWindow: false), Cancel);
        await once.Client.AddMigrationAsync(5, 101, 12, new VpsMigrationOptions(MaintenanceWindow: false), Cancel);

        Assert.EndsWith("\"dst_node\":12,\"maintenance_window\":false}}", Assert.Single(today.Calls), StringComparison.Ordinal);
        Assert.EndsWith("\"dst_node\":12,\"outage_window\":false}}", Assert.Single(once.Calls), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_window_that_the_server_has_not_is_an_error_and_not_silence_BUG_11()
    {
        var description = Descriptions.New();
        description["resources"]!["migration_plan"]!["resources"]!["vps_migration"]!["actions"]!["create"]!["input"]!["parameters"]!.AsObject().Remove("maintenance_window");
        await using var it = await ToNewAsync(description);
        await Assert.ThrowsAsync<NotDescribedException>(() => it.Client.AddMigrationAsync(5, 101, 12, new VpsMigrationOptions(MaintenanceWindow: false), Cancel));
        Assert.Empty(it.Calls);
    }

    [Fact]
    public async Task A_plan_is_read_whole()
    {
        await using var it = (await ToNewAsync(Descriptions.New()))
            .On("GET /v7.0/migration_plans/5", $$"""{"migration_plan":{{Plan}}}""").On("GET /v7.0/migration_plans/5/vps_migrations", $$"""{"vps_migrations":[{{Migration}}]}""");
        Assert.Equal(
            new MigrationPlan(5, "staged", true, true, 10, null, null, new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), null), await it.Client.GetMigrationPlanAsync(5, Cancel));
        var migration = Assert.Single(await it.Client.GetMigrationsAsync(5, Cancel));
        Assert.Equal((101L, 1L, 12L, null), (migration.Vps!.Id, migration.SourceNode!.Id, migration.DestinationNode!.Id, migration.TransactionChain));
    }
}
