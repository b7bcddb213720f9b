using VpsAdmin.HaveApi;
using VpsAdmin.Scripted;
using static VpsAdmin.Client.Tests.Connected;

namespace VpsAdmin.Client.Tests;

public sealed class DailyCallsTests
{
    private static string Chain(string state, int progress) =>
        Replies.With(Replies.With(Replies.Chain, "state", $"\"{state}\""), "progress", $"{progress}");

    [Fact]
    public async Task Chains_are_filtered_by_the_server()
    {
        await using var it = (await ToNewAsync(Descriptions.New())).On("GET /v7.0/transaction_chains", $$"""{"transaction_chains":[{{Replies.Chain}}]}""");
        Assert.Equal(900, Assert.Single(await it.Client.ListChainsAsync(new ChainFilter(State: "done", ClassName: "Snapshot", RowId: 41, Limit: 5), Cancel)).Id);
        Assert.Equal(
            ["GET /v7.0/transaction_chains?transaction_chain%5Bstate%5D=done&transaction_chain%5Bclass_name%5D=Snapshot&transaction_chain%5Brow_id%5D=41&transaction_chain%5Blimit%5D=5"],
            it.Calls);
    }

    [Fact]
    public async Task A_filter_that_the_server_has_not_is_refused()
    {
        await using var it = await ToNewAsync();
        await Assert.ThrowsAsync<NotDescribedException>(() => it.Client.ListChainsAsync(new ChainFilter(State: "done"), Cancel));
        Assert.Empty(it.Calls);
    }

    [Fact]
    public async Task Without_action_states_a_chain_is_asked_after_until_it_has_finished()
    {
        await using var it = await ToOldAsync(Descriptions.Old());
        it.Server.On("GET /v2.0/transaction_chains/900",
            Answer.Ok($$"""{"transaction_chain":{{Chain("queued", 1)}}}"""), Answer.Ok($$"""{"transaction_chain":{{Chain("rollbacking", 1)}}}"""), Answer.Ok($$"""{"transaction_chain":{{Chain("failed", 0)}}}"""));
        var reports = new List<ActionState>();

        var chain = await it.Client.WaitForChainAsync(900, TimeProvider.System, new Into(reports), Cancel);

        Assert.Equal("failed", chain.State);
        Assert.Equal([(1L, true, false), (1L, false, false), (0L, false, true)], reports.Select(static r => (r.Current, r.Status, r.Finished)));
    }

    [Fact]
    public async Task With_action_states_a_chain_is_followed_by_them()
    {
        await using var it = (await ToNewAsync(Descriptions.New()))
            .On("GET /v7.0/action_states/900", """{"action_state":{"id":900,"label":"x","finished":true,"status":true,"current":3,"total":3,"unit":"transactions"}}""")
            .On("GET /v7.0/transaction_chains/900", $$"""{"transaction_chain":{{Replies.Chain}}}""");
        Assert.Equal("done", (await it.Client.WaitForChainAsync(900, TimeProvider.System, null, Cancel)).State);
        Assert.Equal(["GET /v7.0/action_states/900", "GET /v7.0/transaction_chains/900"], it.Calls);
    }

    [Fact]
    public async Task Rolling_back_names_dataset_and_snapshot_and_goes_on_in_the_background()
    {
        await using var it = await ToNewAsync(Descriptions.New());
        it.On("POST /v7.0/datasets/6/snapshots/41/rollback", """{"_meta":{"action_state_id":77}}""");
        Assert.Equal(77, (await it.Client.RollbackAsync(6, 41, Cancel)).ActionStateId);
    }

    [Fact]
    public async Task A_filter_by_user_that_the_server_drops_filters_all_the_same()
    {
        await using var it = (await ToNewAsync(Descriptions.New())).On("GET /v7.0/vpses", $$"""{"vpses":[{{Replies.Vps}}]}""");
        Assert.Single(await it.Client.ListVpsesAsync(new VpsFilter(UserId: 3), Cancel));
        Assert.Empty(await it.Client.ListVpsesAsync(new VpsFilter(UserId: 4), Cancel));
        Assert.Empty(await it.Client.ListVpsesAsync(new VpsFilter(NodeId: 7, ObjectState: "active"), Cancel));
        Assert.Equal("GET /v7.0/vpses?vps%5Bnode%5D=7&vps%5Bobject_state%5D=active", it.Calls[2]);
    }

    private sealed class Into(List<ActionState> reports) : IProgress<ActionState>
    {
        public void Report(ActionState value) => reports.Add(value);
    }
}
