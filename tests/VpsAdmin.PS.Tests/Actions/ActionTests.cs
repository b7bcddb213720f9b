using System.Management.Automation;
using System.Text.Json.Nodes;
using VpsAdmin.PS.Tests.Connections;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.Scripted;

namespace VpsAdmin.PS.Tests.Actions;

/// <summary>Invoke-VpsAdminAction and Get-VpsAdminResource on a server whose every answer is known.</summary>
public sealed class ActionTests : ConnectionTest
{
    private const string Snapshots = "GET /v7.0/datasets/6/snapshots";

    [Fact]
    public async Task An_answer_comes_with_the_servers_names_and_the_described_times()
    {
        await using var server = await StartAsync();
        server.Server.On(Snapshots, server.Private("""
            {"snapshots":[{"id":41,"name":"2026-03-02T00:00:00","created_at":"2026-03-02T00:00:00Z","history_id":2,"label":null,"extra":{"deep":[1,2.5,true,"x"]},
              "dataset":{"id":6,"name":"12/var","_meta":{"path_params":[6],"resolved":false}},"_meta":{"path_params":[6,41],"resolved":true}}],"_meta":{}}
            """));
        var snapshot = Session(server).Run("Invoke-VpsAdminAction dataset.snapshot index 6").Single;

        Assert.Equal(["id", "name", "created_at", "history_id", "label", "extra", "dataset"], snapshot.Properties.Select(p => p.Name));
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), snapshot.Properties["created_at"].Value);
        Assert.Equal(41L, snapshot.Properties["id"].Value);
        Assert.Equal(["id", "name"], ((PSObject)snapshot.Properties["dataset"].Value).Properties.Select(p => p.Name));
        var deep = (object?[])((PSObject)snapshot.Properties["extra"].Value).Properties["deep"].Value;
        Assert.Equal([1L, 2.5, true, "x"], deep);
        Assert.Equal("VpsAdmin.ApiObject#dataset.snapshot", snapshot.TypeNames[0]);
    }

    [Fact]
    public async Task An_association_that_came_in_full_is_described_too()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/snapshot_downloads/7", server.Private("""
            {"snapshot_download":{"id":7,"expiration_date":"2026-03-10T00:00:00+00:00",
              "snapshot":{"id":42,"created_at":"2026-03-03T00:00:00Z","_meta":{"path_params":[6,42],"resolved":true}}}}
            """));
        var download = Session(server).Run("Invoke-VpsAdminAction snapshot_download show 7 -Include snapshot").Single;
        Assert.IsType<DateTimeOffset>(((PSObject)download.Properties["snapshot"].Value).Properties["created_at"].Value);
    }

    [Fact]
    public async Task Values_go_as_the_description_wants_them()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/datasets", server.Private("""{"datasets":[]}"""))
            .On("POST /v7.0/snapshot_downloads", server.Private("""{"snapshot_download":{"id":7}}"""));
        var session = Session(server);
        Assert.Empty(session.Run("Invoke-VpsAdminAction dataset index -Parameters @{ VPS = '12' }").Errors);
        Assert.Equal("GET /v7.0/datasets?dataset%5Bvps%5D=12", server.Calls[^1].Call);

        Assert.Empty(session.Run("""
            Invoke-VpsAdminAction snapshot_download create -Parameters @{ snapshot = [pscustomobject]@{ Id = 42 }; format = 'stream'; send_mail = $false } -NoWait
            """).Errors.Select(e => e.ToString()));
        var sent = JsonNode.Parse(server.Server.Received[^1].Body)!["snapshot_download"]!;
        Assert.Equal("""{"format":"stream","send_mail":false,"snapshot":42}""", Sorted(sent));
    }

    [Theory]
    [InlineData("Invoke-VpsAdminAction nothing index", "ApiNotSupported")]
    [InlineData("Invoke-VpsAdminAction dataset nothing", "ApiNotSupported")]
    [InlineData("Invoke-VpsAdminAction dataset show", "InvalidParameter")]
    [InlineData("Invoke-VpsAdminAction dataset show 1, 2", "InvalidParameter")]
    [InlineData("Invoke-VpsAdminAction dataset index -Parameters @{ nothing = 1 }", "ApiNotSupported")]
    [InlineData("Invoke-VpsAdminAction transaction_chain index -Parameters @{ limit = 'twelve' }", "InvalidParameter")]
    [InlineData("Invoke-VpsAdminAction dataset index -Parameters @{ vps = 1.5 }", "InvalidParameter")]
    [InlineData("Invoke-VpsAdminAction snapshot_download create -Parameters @{ snapshot = 1; send_mail = 'maybe' }", "InvalidParameter")]
    [InlineData("Invoke-VpsAdminAction snapshot_download create -Parameters @{ snapshot = 1; format = @{} }", "InvalidParameter")]
    public async Task What_the_server_does_not_describe_is_refused_before_anything_is_sent(string command, string id)
    {
        await using var server = await StartAsync();
        var session = Session(server);
        var before = server.Server.Received.Count;
        Assert.Equal(id, session.Run(command).ErrorId);
        Assert.Equal(before, server.Server.Received.Count);
    }

    [Fact]
    public async Task What_changes_something_can_be_asked_what_it_would_do()
    {
        await using var server = await StartAsync();
        var session = Session(server);
        var before = server.Server.Received.Count;
        Assert.Empty(session.Run("Invoke-VpsAdminAction dataset.snapshot delete 6, 41 -WhatIf").Errors);
        Assert.Equal(before, server.Server.Received.Count);
        server.Server.On(Snapshots, server.Private("""{"snapshots":[]}"""));
        Assert.Empty(session.Run("Invoke-VpsAdminAction dataset.snapshot index 6 -WhatIf").Errors);
        Assert.Equal("GET /v7.0/datasets/6/snapshots", server.Calls[^1].Call);
    }

    [Fact]
    public async Task What_goes_on_in_the_background_is_followed_and_read_again()
    {
        await using var server = await StartAsync();
        Blocking(server);
        server.Server.On("GET /v7.0/datasets/6/snapshots/43", server.Private("""{"snapshot":{"id":43,"name":"2026-03-05T00:00:00"}}"""));
        var taken = Session(server).Run("Invoke-VpsAdminAction dataset.snapshot create 6");
        Assert.Empty(taken.Errors.Select(e => e.ToString()));
        Assert.Equal("2026-03-05T00:00:00", taken.Single.Get<string>("name"));
        Assert.Contains(taken.Progress, p => p.Activity == "dataset.snapshot#create");
    }

    [Fact]
    public async Task It_is_not_followed_when_nobody_wants_to_wait()
    {
        await using var server = await StartAsync();
        Blocking(server);
        var taken = Session(server).Run("Invoke-VpsAdminAction dataset.snapshot create 6 -NoWait").Single;
        Assert.Equal(("2026-03-05 (unconfirmed)", 9L), (taken.Get<string>("name"), taken.Get<long>("ActionStateId")));
        Assert.DoesNotContain(server.Calls, c => c.Call.Contains("action_states", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_fails_in_the_background_is_an_error()
    {
        await using var server = await StartAsync();
        Blocking(server, status: "false");
        Assert.Equal("ActionAborted", Session(server).Run("Invoke-VpsAdminAction dataset.snapshot create 6").ErrorId);
    }

    [Theory]
    [InlineData("""{"datasets":[{"id":1,"a":1,"A":2}]}""")]
    [InlineData("""{"datasets":[{"":1}]}""")]
    [InlineData("""{"datasets":[{"a\u001bb":1}]}""")]
    [InlineData("""{"datasets":[7]}""")]
    public async Task An_answer_that_PowerShell_cannot_have_is_a_protocol_error(string answer)
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/datasets", server.Private(answer));
        Assert.Equal("ApiProtocolError", Session(server).Run("Invoke-VpsAdminAction dataset index").ErrorId);
    }

    [Fact]
    public async Task Escape_sequences_of_a_server_do_not_reach_the_terminal()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/datasets", server.Private("""{"datasets":[{"name":"a\u001b[2J\u009bb\tc\nd"}]}"""));
        Assert.Equal("a[2Jb\tc\nd", Session(server).Run("Invoke-VpsAdminAction dataset index").Single.Get<string>("name"));
    }

    [Fact]
    public async Task The_first_objects_of_a_list_are_enough()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/datasets", server.Private("""{"datasets":[{"id":1},{"id":2},{"id":3}]}"""))
            .On("GET /v7.0/transaction_chains", server.Private("""{"transaction_chains":[]}"""));
        var session = Session(server);
        Assert.Equal(2, session.Run("Invoke-VpsAdminAction dataset index -First 2").Output.Count);
        session.Run("Invoke-VpsAdminAction transaction_chain index -First 2");
        Assert.EndsWith("transaction_chain%5Blimit%5D=2", server.Calls[^1].Call, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_come_through_the_pipeline_by_their_id()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/vpses/12", server.Private("""{"vps":{"id":12,"hostname":"web"}}"""));
        Assert.Equal("web", Session(server).Run("[pscustomobject]@{ Id = 12 } | Invoke-VpsAdminAction vps show").Single.Get<string>("hostname"));
    }

    [Fact]
    public async Task Resources_actions_and_parameters_are_shown_without_asking_the_server()
    {
        await using var server = await StartAsync();
        var session = Session(server);
        var before = server.Server.Received.Count;
        Assert.Equal(["dataset", "dataset.snapshot"], session.Run("Get-VpsAdminResource dataset*").Output.Select(r => r.Get<string>("Path")));
        var action = session.Run("Get-VpsAdminResource dataset.snapshot show").Single;
        Assert.Equal(["dataset_id", "snapshot_id"], action.Get<string[]>("PathParameters"));
        Assert.Equal(["snapshot", "from_snapshot", "format", "send_mail"],
            session.Run("(Get-VpsAdminResource snapshot_download -Action create).Input").Output.Select(p => p.Get<string>("Name")));
        Assert.Equal("ResourceNotFound", session.Run("Get-VpsAdminResource nothing").ErrorId);
        Assert.Equal("ResourceNotFound", session.Run("Get-VpsAdminResource dataset nothing").ErrorId);
        Assert.Empty(session.Run("Get-VpsAdminResource no*").Errors);
        Assert.Equal(before, server.Server.Received.Count);
    }

    [Fact]
    public async Task An_action_that_was_found_can_be_called()
    {
        await using var server = await StartAsync();
        server.Server.On("GET /v7.0/datasets", server.Private("""{"datasets":[{"id":1}]}"""));
        Assert.Equal(1L, Session(server).Run("Get-VpsAdminResource dataset index | Invoke-VpsAdminAction").Single.Get<long>("id"));
    }

    [Fact]
    public async Task Views_fit_the_screen()
    {
        await using var server = await StartAsync();
        var session = Session(server);
        var text = session.Render("Get-VpsAdminResource") + session.Render("Get-VpsAdminResource * *") + session.Render("(Get-VpsAdminResource snapshot_download create).Input");
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
        foreach (var word in (string[])["Resource", "dataset.snapshot", "Ids", "dataset_id, snapshot_id", "Choices or description"])
            Assert.Contains(word, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_completed_from_the_description()
    {
        await using var server = await StartAsync();
        var session = NewSession();
        Assert.DoesNotContain("dataset", Completed(session, "Invoke-VpsAdminAction dat"));
        Connect(session, server, "-Name work");
        var before = server.Server.Received.Count;
        Assert.Equal(["dataset", "dataset.snapshot"], Completed(session, "Invoke-VpsAdminAction dat"));
        Assert.Equal(["create", "delete", "index", "show"], Completed(session, "Invoke-VpsAdminAction dataset.snapshot "));
        Assert.Equal(["@{ snapshot = }", "@{ format = }", "@{ from_snapshot = }", "@{ send_mail = }"],
            Completed(session, "Invoke-VpsAdminAction snapshot_download create -Parameters ").OrderByDescending(c => c.Contains(" snapshot", StringComparison.Ordinal)));
        Assert.Equal(["show"], Completed(session, "Get-VpsAdminResource vps -Connection work -Action s"));
        Assert.Equal(before, server.Server.Received.Count);
    }

    private static Task<FakeVpsAdmin> StartAsync() => FakeVpsAdmin.StartAsync();

    private EngineSession Session(FakeVpsAdmin server)
    {
        var session = NewSession();
        Connect(session, server);
        return session;
    }

    private static void Blocking(FakeVpsAdmin server, string status = "true") => server.Server
        .On("POST /v7.0/datasets/6/snapshots", server.Private("""{"snapshot":{"id":43,"name":"2026-03-05 (unconfirmed)"},"_meta":{"action_state_id":9}}"""))
        .On("GET /v7.0/action_states/9", server.Private($$$"""{"action_state":{"id":9,"label":"Snapshot","finished":true,"status":{{{status}}},"current":1,"total":1}}"""));

    private static string Sorted(JsonNode json) => new JsonObject(json.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString();
}
