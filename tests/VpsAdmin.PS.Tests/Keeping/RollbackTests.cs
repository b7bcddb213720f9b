using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

public sealed class RollbackTests
{
    private const string Rollback = "POST /datasets/6/snapshots/42/rollback";

    private static string Snapshot(int id, string name) =>
        $$"""{"id":{{id}},"dataset":{"id":6,"label":"101"},"name":"{{name}}","created_at":"2026-03-0{{id - 40}}T00:00:00Z","history_id":0}""";

    private static ScriptedApi Server() => new ScriptedApi()
        .Describe("dataset#index", "GET", "/datasets")
        .Describe("dataset.snapshot#index", "GET", "/datasets/*/snapshots").Describe("dataset.snapshot#show", "GET", "/datasets/*/snapshots/*")
        .Describe("dataset.snapshot#delete", "DELETE", "/datasets/*/snapshots/*").Describe("dataset.snapshot#rollback", "POST", "/datasets/*/snapshots/*/rollback")
        .On("GET /datasets", """{"datasets":[{"id":6,"name":"101","current_history_id":0}]}""")
        .On("GET /datasets/6/snapshots", $$"""{"snapshots":[{{Snapshot(41, "a")}},{{Snapshot(42, "b")}},{{Snapshot(43, "c")}},{{Snapshot(44, "d (unconfirmed)")}}]}""")
        .On("GET /datasets/6/snapshots/42", $$"""{"snapshot":{{Snapshot(42, "b").Replace("\"history_id\":0", "\"history_id\":1", StringComparison.Ordinal)}}}""")
        .On("DELETE /datasets/6/snapshots/42", "{}")
        .On(Rollback, "{}");

    [Fact]
    public async Task What_would_be_lost_is_said_before_anything_is_done()
    {
        await using var api = Server();
        using var session = api.Connect();
        session.Host.Clear();
        Assert.Empty(session.Run("Restore-VpsSnapshot 42 -WhatIf").Output);
        Assert.Contains("Roll 101@b back on the server: what was written since is lost, with 2 newer snapshots: @c, @d (unconfirmed)", session.Host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Calls, c => c.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rollback_ends_with_the_snapshot_as_the_server_has_it_then()
    {
        await using var api = Server();
        using var session = api.Connect();
        var restored = session.Run("(Get-VpsSnapshot 6)[1] | Restore-VpsSnapshot -Confirm:$false");
        Assert.Empty(restored.Errors.Select(e => e.ToString()));
        Assert.Equal((42, 1), (restored.Single.Get<int>("Id"), restored.Single.Get<int>("HistoryId")));
        Assert.Single(api.Calls, c => c.StartsWith(Rollback, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_says_no_keeps_what_is_there()
    {
        await using var api = Server();
        using var session = api.Connect();
        // Yes, yes to all, no.
        session.Host.Choice = 2;
        // Both ask by themselves: a rollback and a deletion cannot be undone.
        Assert.Empty(session.Run("Restore-VpsSnapshot 42; Remove-VpsSnapshot 42").Output);
        Assert.DoesNotContain(api.Calls, c => c.StartsWith("POST", StringComparison.Ordinal) || c.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Restore-VpsSnapshot 44 -Confirm:$false", "SnapshotUnconfirmed")]
    [InlineData("Restore-VpsSnapshot 99 -Confirm:$false", "SnapshotNotFound")]
    [InlineData("Remove-VpsSnapshot 99 -Confirm:$false", "SnapshotNotFound")]
    public async Task What_cannot_be_is_an_error(string command, string id)
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Equal(id, session.Run(command).ErrorId);
        Assert.DoesNotContain(api.Calls, c => c.StartsWith("POST", StringComparison.Ordinal) || c.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_snapshot_is_deleted_by_id()
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Empty(session.Run("Remove-VpsSnapshot 42 -Confirm:$false").Errors);
        Assert.Contains(api.Calls, c => c.StartsWith("DELETE /datasets/6/snapshots/42", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Snapshots_are_chosen_by_name_and_time()
    {
        await using var api = Server();
        using var session = api.Connect();
        Assert.Equal(["b", "c"], session.Run("Get-VpsSnapshot 6 -After '2026-03-02T00:00:00Z' -Before '2026-03-04T00:00:00Z'").Output.Select(s => s.Get<string>("Name")));
        Assert.Equal(["a"], session.Run("Get-VpsSnapshot 6 -Name 'A*'").Output.Select(s => s.Get<string>("Name")));
    }
}
