using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

/// <summary>What is done to virtual servers and migration plans, as it is asked of the server.</summary>
public sealed class VpsWorkTests
{
    private static ScriptedApi Server()
    {
        var api = new ScriptedApi();
        api.Describe("vps#show", "GET", "/vpses/*").Describe("vps#start", "POST", "/vpses/*/start").Describe("vps#stop", "POST", "/vpses/*/stop", "force")
            .Describe("vps#clone", "POST", "/vpses/*/clone", "hostname", "node", "start")
            .Describe("vps#reinstall", "POST", "/vpses/*/reinstall", "template").Describe("vps#console_log", "GET", "/vpses/*/console_log", "length")
            .Describe("vps#restart", "POST", "/vpses/*/restart", "force").Describe("vps#delete", "DELETE", "/vpses/*", "lazy")
            .Describe("vps#update", "PUT", "/vpses/*", "hostname", "memory", "cpu_limit", "process_limit", "ip_addresses", "maintenance_windows")
            .Describe("migration_plan#index", "GET", "/migration_plans", "state").Describe("migration_plan#show", "GET", "/migration_plans/*")
            .Describe("migration_plan#start", "POST", "/migration_plans/*/start").Describe("migration_plan#cancel", "POST", "/migration_plans/*/cancel")
            .Describe("migration_plan.vps_migration#index", "GET", "/migration_plans/*/vps_migrations");
        api.On("POST /vpses/101/clone", """{"vps":{"id":102,"hostname":"web2"}}""").On("POST /vpses/101/reinstall", "{}");
        foreach (var id in (int[])[101, 102])
        {
            api.On($"GET /vpses/{id}", $$$"""{"vps":{"id":{{{id}}},"hostname":"web{{{id}}}","is_running":true}}""").On($"DELETE /vpses/{id}", "{}").On($"PUT /vpses/{id}", $$$"""{"vps":{"id":{{{id}}}}}""");
            foreach (var action in (string[])["start", "stop", "restart"])
                api.On($"POST /vpses/{id}/{action}", "{}");
        }
        return api.On("GET /migration_plans", Plans("running")).On("GET /migration_plans/5", Plan("done")).On("POST /migration_plans/5/start", Plan("running"))
            .On("POST /migration_plans/5/cancel", Plan("cancelling"))
            .On("GET /migration_plans/5/vps_migrations", """{"vps_migrations":[{"id":9,"state":"done","vps":{"id":101,"hostname":"web101"}}]}""");
    }

    private static string Plan(string state) => $$$"""{"migration_plan":{"id":5,"state":"{{{state}}}"}}""";

    private static string Plans(string state) => $$$"""{"migration_plans":[{"id":5,"state":"{{{state}}}"}]}""";

    private static IEnumerable<string> Changes(ScriptedApi api) => api.Calls.Where(static c => !c.StartsWith("GET", StringComparison.Ordinal) && !c.StartsWith("OPTIONS", StringComparison.Ordinal));

    [Theory]
    [InlineData("Start-Vps 101", "POST /vpses/101/start")]
    [InlineData("Stop-Vps 101", "POST /vpses/101/stop")]
    [InlineData("Stop-Vps 101 -Force", """POST /vpses/101/stop {"vps":{"force":true}}""")]
    [InlineData("Restart-Vps 101 -Force", """POST /vpses/101/restart {"vps":{"force":true}}""")]
    [InlineData("Copy-Vps 101 -Hostname web2", """POST /vpses/101/clone {"vps":{"hostname":"web2"}}""")]
    [InlineData("Get-Vps 101 | Copy-Vps -Hostname web2 -Node 2 -NoStart", """POST /vpses/101/clone {"vps":{"hostname":"web2","node":2,"start":false}}""")]
    [InlineData("Install-Vps 101 -Confirm:$false", "POST /vpses/101/reinstall")]
    [InlineData("Install-Vps 101 -Template debian -Confirm:$false", """POST /vpses/101/reinstall {"vps":{"template":"debian"}}""")]
    [InlineData("Remove-Vps 101 -Confirm:$false", "DELETE /vpses/101")]
    [InlineData("Remove-Vps 101 -Now -Confirm:$false", """DELETE /vpses/101 {"vps":{"lazy":false}}""")]
    [InlineData("Set-Vps 101 -Hostname mine", """PUT /vpses/101 {"vps":{"hostname":"mine"}}""")]
    [InlineData("Set-Vps 101 -Memory 512 -CpuLimit 0", """PUT /vpses/101 {"vps":{"memory":512,"cpu_limit":null}}""")]
    [InlineData("Set-Vps 101 -IpAddress 192.0.2.7/24, 192.0.2.8/24", """PUT /vpses/101 {"vps":{"ip_addresses":"192.0.2.7/24,192.0.2.8/24"}}""")]
    [InlineData("Start-VpsMigrationPlan 5 -Confirm:$false", "POST /migration_plans/5/start")]
    [InlineData("Stop-VpsMigrationPlan 5 -Confirm:$false", "POST /migration_plans/5/cancel")]
    public async Task The_server_is_asked_for_what_was_said_and_no_more(string script, string call)
    {
        await using var api = Server();
        using var session = api.Connect();
        var result = session.Run(script);
        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.StartsWith(call, Assert.Single(Changes(api)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Start-Vps 101", "Start the VPS 101")]
    [InlineData("Stop-Vps 101", "Stop the VPS 101")]
    [InlineData("Restart-Vps 101", "Restart the VPS 101")]
    [InlineData("Set-Vps 101 -Hostname mine", "Change the VPS 101")]
    [InlineData("Remove-Vps 101 -Confirm:$false", "Stop the VPS and delete it 101")]
    public async Task What_goes_on_on_the_server_is_shown_until_it_is_done(string script, string activity)
    {
        const string begun = """{"vps":{"id":101},"_meta":{"action_state_id":9}}""";
        await using var api = Server();
        api.Describe("action_state#show", "GET", "/action_states/*").Describe("action_state#poll", "GET", "/action_states/*/poll")
            .Blocking("vps", "start", "stop", "restart", "update", "delete");
        foreach (var call in (string[])["POST /vpses/101/start", "POST /vpses/101/stop", "POST /vpses/101/restart", "PUT /vpses/101", "DELETE /vpses/101"])
            api.On(call, begun);
        api.On("GET /action_states/9", """{"action_state":{"id":9,"finished":false,"status":true,"current":1,"total":4}}""")
            .On("GET /action_states/9/poll", """{"action_state":{"id":9,"finished":true,"status":true,"current":4,"total":4}}""");
        using var session = api.Connect();

        var result = session.Run(script);

        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.Equal((activity, "1 of 4 steps", 25), Shown(result.Progress[0]));
        Assert.Equal((activity, ProgressRecordType.Completed), (result.Progress[^1].Activity, result.Progress[^1].RecordType));
    }

    [Theory]
    [InlineData("Start-VpsMigrationPlan 5 -Wait -Confirm:$false")]
    [InlineData("Stop-VpsMigrationPlan 5 -Wait -Confirm:$false")]
    public async Task How_many_of_a_plan_have_moved_is_shown_until_it_has_ended(string script)
    {
        await using var api = Server();
        api.On("GET /migration_plans/5/vps_migrations", """{"vps_migrations":[{"id":9,"state":"done"},{"id":10,"state":"running"},{"id":11,"state":"queued"},{"id":12,"state":"cancelled"}]}""");
        using var session = api.Connect();

        var result = session.Run(script);

        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.Equal(("Migration plan 5", "2 of 4 VPSes, 1 moving", 50), Shown(result.Progress[0]));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    private static (string, string, int) Shown(ProgressRecord record) => (record.Activity, record.StatusDescription, record.PercentComplete);

    [Theory]
    [InlineData("101, 102 | Start-Vps -WhatIf")]
    [InlineData("Get-Vps 101 | Stop-Vps -WhatIf")]
    [InlineData("Copy-Vps 101 -Hostname web2 -WhatIf")]
    [InlineData("Install-Vps 101 -WhatIf")]
    [InlineData("Remove-Vps 101 -WhatIf")]
    [InlineData("Set-Vps 101 -Memory 512 -WhatIf")]
    [InlineData("Get-VpsMigrationPlan 5 | Start-VpsMigrationPlan -WhatIf")]
    public async Task What_is_only_asked_about_is_not_done(string script)
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Empty(session.Run(script).Errors.Select(static e => e.ToString()));
        Assert.Empty(Changes(api));
    }

    [Fact]
    public async Task Objects_of_the_pipeline_are_worked_on_and_shown()
    {
        await using var api = Server();
        using var session = api.Connect();
        var result = session.Run("Get-Vps 101, 102 | Restart-Vps -PassThru");
        Assert.Equal([101, 102], result.Output.Select(static o => (long)o.Properties["Id"].Value));
        Assert.Equal(2, Changes(api).Count());
    }

    [Fact]
    public async Task Nothing_to_change_is_an_error_before_anything_is_sent()
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Equal("NothingToChange", session.Terminating("Set-Vps 101").Id());
        Assert.Empty(Changes(api));
    }

    [Fact]
    public async Task What_a_console_said_is_lines_that_steer_no_terminal()
    {
        await using var api = Server();
        api.On("GET /vpses/101/console_log", """{"vps":{"text":"init\u001b[31m red\u001b[0m\r\n\u001b]0;title\u0007one\ttwo\u0008\u202e\r\nlast\r\n"}}""");
        using var session = api.Connect();
        Assert.Equal(["init red", "one\ttwo", "last"], session.Run("Get-VpsConsoleLog 101").Output.Select(static o => o.BaseObject));
        Assert.Equal(["last"], session.Run("Get-Vps 101 | Get-VpsConsoleLog -Tail 1").Output.Select(static o => o.BaseObject));
    }

    [Fact]
    public async Task Plans_and_what_is_in_them_are_listed()
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Equal("running", session.Run("Get-VpsMigrationPlan -State running").Single.Get<string>("State"));
        Assert.Equal("done", session.Run("(Get-VpsMigrationPlan 5 -Migrations).State").Single.BaseObject);
        Assert.Equal("done", session.Run("Start-VpsMigrationPlan 5 -Wait -Confirm:$false").Single.Get<string>("State"));
    }
}
