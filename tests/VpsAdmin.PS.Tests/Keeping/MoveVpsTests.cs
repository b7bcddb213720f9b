using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

/// <summary>Migration plans, which our own server need not have, on scripted servers of both generations.</summary>
public sealed class MoveVpsTests
{
    private const string Create = "POST /migration_plans";
    private const string Add = "POST /migration_plans/5/vps_migrations";
    private const string Start = "POST /migration_plans/5/start";

    private static string Plan(string state) => $$$"""{"migration_plan":{"id":5,"state":"{{{state}}}","concurrency":10,"stop_on_error":true,"send_mail":true}}""";

    private static ScriptedApi Server(bool isOld = false)
    {
        var api = new ScriptedApi(isOld);
        api.Describe("vps#show", "GET", "/vpses/*").Describe("node#index", "GET", "/nodes")
            .Describe("migration_plan#create", "POST", "/migration_plans", "stop_on_error", "send_mail", "concurrency", "reason")
            .Describe("migration_plan#show", "GET", "/migration_plans/*").Describe("migration_plan#start", "POST", "/migration_plans/*/start")
            .Describe("migration_plan.vps_migration#create", "POST", "/migration_plans/*/vps_migrations", "vps", "dst_node", isOld ? "outage_window" : "maintenance_window", "cleanup_data")
            .Describe("migration_plan.vps_migration#index", "GET", "/migration_plans/*/vps_migrations");
        foreach (var id in (int[])[101, 102, 103])
            api.On($"GET /vpses/{id}", $$$"""{"vps":{"id":{{{id}}},"hostname":"web{{{id}}}"}}""");
        return api.On("GET /nodes", """{"nodes":[{"id":12,"name":"node2","domain_name":"node2.prg"}]}""")
            .On(Create, Plan("staged")).On(Start, Plan("running")).On("GET /migration_plans/5", Plan("staged"))
            .On(Add, """{"vps_migration":{"id":9,"state":"queued"}}""")
            .On("GET /migration_plans/5/vps_migrations", """{"vps_migrations":[{"id":9,"state":"done"},{"id":10,"state":"done"}]}""");
    }

    /// <summary>The calls that change something.</summary>
    private static IEnumerable<string> Changes(ScriptedApi api) => api.Calls.Where(c => c.StartsWith("POST", StringComparison.Ordinal));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Switches_that_were_not_given_are_not_sent_V24(bool isOld)
    {
        await using var api = Server(isOld);
        using var session = api.Connect();

        var plan = session.Run("Move-Vps 101, 102 12 -CleanupData:$false -Confirm:$false");

        Assert.Empty(plan.Errors.Select(e => e.ToString()));
        Assert.Equal("running", plan.Single.Get<string>("State"));
        Assert.Equal(
            [Create + """ {"migration_plan":{}}""",
             Add + """ {"vps_migration":{"vps":101,"dst_node":12,"cleanup_data":false}}""", Add + """ {"vps_migration":{"vps":102,"dst_node":12,"cleanup_data":false}}"""],
            Changes(api).SkipLast(1));
        Assert.StartsWith(Start, Changes(api).Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "outage_window")]
    [InlineData(false, "maintenance_window")]
    public async Task The_window_has_the_name_that_the_server_describes_BUG_11(bool isOld, string name)
    {
        await using var api = Server(isOld);
        using var session = api.Connect();

        session.Run("101, 102 | Move-Vps -DestinationNode node2.prg -MaintenanceWindow:$false -StopOnError:$false -SendMail -Concurrency 2 -Reason upgrade -Confirm:$false");

        var calls = Changes(api).ToList();
        Assert.Equal(Create + """ {"migration_plan":{"stop_on_error":false,"send_mail":true,"concurrency":2,"reason":"upgrade"}}""", calls[0]);
        Assert.Equal(Add + $$$""" {"vps_migration":{"vps":101,"dst_node":12,"{{{name}}}":false}}""", calls[1]);
    }

    [Fact]
    public async Task A_staged_plan_is_filled_further_and_a_started_one_is_refused()
    {
        await using var api = Server();
        using var session = api.Connect();
        session.Run("Move-Vps 101, 102 12 -Plan 5 -Confirm:$false");
        Assert.DoesNotContain(Changes(api), c => c.StartsWith(Create + " ", StringComparison.Ordinal));
        var before = Changes(api).Count();

        api.On("GET /migration_plans/5", Plan("running"));
        Assert.Equal("MigrationPlanStarted", session.Terminating("Move-Vps 101, 102 12 -Plan 5 -Confirm:$false").Id());
        Assert.Equal(before, Changes(api).Count());
    }

    [Theory]
    [InlineData("Move-Vps 101 12 -Confirm:$false", "TooFewVpses")]
    [InlineData("Move-Vps 101, 101 12 -Confirm:$false", "TooFewVpses")]
    [InlineData("Move-Vps 101, 999 12 -Confirm:$false", "ObjectNotFound")]
    [InlineData("Move-Vps 101, 102 nowhere -Confirm:$false", "ObjectNotFound")]
    public async Task Bad_input_makes_no_plan(string command, string id)
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Equal(id, session.Terminating(command).Id());
        Assert.Empty(Changes(api));
    }

    [Fact]
    public async Task What_if_makes_no_plan()
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Empty(session.Run("Move-Vps 101, 102 12 -WhatIf").Output);
        Assert.Empty(Changes(api));
    }

    [Fact]
    public async Task A_plan_that_stays_half_filled_is_named_with_what_to_do()
    {
        await using var api = Server();
        api.On(Add, """{"vps_migration":{"id":9,"state":"queued"}}""", "!create failed");
        using var session = api.Connect();
        var result = session.Run("Move-Vps 101, 102 12 -Confirm:$false");
        Assert.Equal("ActionRefused", result.ErrorId);
        Assert.Contains("-Plan 5", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(api.Calls, c => c.StartsWith(Start, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("done", null)]
    [InlineData("error", "MigrationFailed")]
    public async Task Waiting_ends_with_the_plan(string state, string? error)
    {
        await using var api = Server();
        api.On("GET /migration_plans/5", Plan("running"), Plan(state));
        using var session = api.Connect();
        if (error is null)
            Assert.Equal(state, session.Run("Move-Vps 101, 102 12 -Wait -Confirm:$false").Single.Get<string>("State"));
        else
            Assert.Equal(error, session.Terminating("Move-Vps 101, 102 12 -Wait -Confirm:$false").Id());
    }
}
