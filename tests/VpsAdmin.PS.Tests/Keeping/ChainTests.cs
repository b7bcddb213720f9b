using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

public sealed class ChainTests
{
    private static string Chain(string state) => $$$"""{"transaction_chain":{"id":900,"name":"download","label":"Download","state":"{{{state}}}","size":3,"progress":1,"created_at":"2026-03-02T00:00:00Z"}}""";

    private static ScriptedApi Server(params string[] states) => new ScriptedApi(isOld: true)
        .Describe("transaction_chain#show", "GET", "/transaction_chains/*")
        .Describe("transaction_chain#index", "GET", "/transaction_chains", "limit", "name", "state", "class_name", "row_id", "user")
        .On("GET /transaction_chains/900", [.. states.Select(Chain)])
        .On("GET /transaction_chains", $$"""{"transaction_chains":[{{Chain("queued")["{\"transaction_chain\":".Length..^1]}}]}""");

    [Fact]
    public async Task Chains_come_by_the_servers_filters_and_by_id()
    {
        await using var api = Server("done");
        using var session = api.Connect();
        Assert.Equal("queued", session.Run("Get-VpsTransactionChain -State queued -ClassName Snapshot -RowId 41 -Limit 3").Single.Get<string>("State"));
        Assert.Contains("transaction_chain%5Bstate%5D=queued&transaction_chain%5Bclass_name%5D=Snapshot&transaction_chain%5Brow_id%5D=41&transaction_chain%5Blimit%5D=3", api.Calls[0], StringComparison.Ordinal);
        Assert.Equal("done", session.Run("Get-VpsTransactionChain 900").Single.Get<string>("State"));
    }

    [Fact]
    public async Task Waiting_takes_chains_from_the_pipeline_and_ends_with_them()
    {
        await using var api = Server("queued", "done");
        using var session = api.Connect();
        Assert.Equal("done", session.Run("Get-VpsTransactionChain | Wait-VpsTransactionChain").Single.Get<string>("State"));
    }

    [Fact]
    public async Task A_chain_that_failed_is_emitted_and_is_an_error()
    {
        await using var api = Server("failed");
        using var session = api.Connect();
        var result = session.Run("Wait-VpsTransactionChain 900");
        Assert.Equal("failed", result.Single.Get<string>("State"));
        Assert.Equal("ActionAborted", result.ErrorId);
    }

    [Fact]
    public async Task Waiting_has_a_limit_if_one_is_given()
    {
        await using var api = Server("queued");
        using var session = api.Connect();
        Assert.Equal("WaitTimedOut", session.Run("Wait-VpsTransactionChain 900 -Timeout 0.2").ErrorId);
    }

    [Fact]
    public async Task A_wait_without_end_is_stopped_at_once()
    {
        await using var api = Server("queued");
        using var session = api.Connect();
        using var shell = session.Prepare("Wait-VpsTransactionChain 900");
        var waiting = shell.BeginInvoke();
        await Eventually.Async(() => api.Calls.Count >= 2, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.True(waiting.IsCompleted);
    }
}
