using VpsAdmin.Node.Handlers;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>
/// What the bus and a dying node do to every handler: work comes twice, is undone twice, undone without having been done, and both are
/// broken off behind each of their steps. Each test compares all of the pool with what an undisturbed node leaves.
/// </summary>
public sealed class RedeliveryTests(LabFixture lab)
{
    /// <summary>More than any handler has; a test that gets there does not see the end of its handler.</summary>
    private const int MostSteps = 40;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => [.. HandlerCase.All.Select(static row => row.ToString())];

    [Fact]
    public void Every_handler_has_a_row()
    {
        var handlers = typeof(NodeWorker).Assembly.GetTypes().Where(static type => !type.IsAbstract && typeof(ITransactionHandler).IsAssignableFrom(type));
        Assert.Empty(handlers.Except(HandlerCase.All.Select(static row => row.Handler)).Except(HandlerCase.Elsewhere.Keys).Select(static type => type.Name));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Done_twice_is_done_once(string name)
    {
        var row = Row(name);
        await using var bench = await StartAsync(row);

        var first = await SucceedAsync(bench.ExecuteAsync(Cancel));
        var done = await bench.StateAsync(row, Cancel);
        var second = await SucceedAsync(bench.ExecuteAsync(Cancel));

        Assert.NotEqual(bench.Before, done);
        Assert.Equal(done, await bench.StateAsync(row, Cancel));
        if (!row.IsMadeAnew)
            Assert.Equal(first.Output?.ToJsonString(), second.Output?.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Undone_twice_is_undone_once(string name)
    {
        var row = Row(name);
        await using var bench = await StartAsync(row);
        await SucceedAsync(bench.ExecuteAsync(Cancel));
        var done = await bench.StateAsync(row, Cancel);

        for (var delivery = 0; delivery < 2; delivery++)
        {
            var undone = await bench.UndoAsync(Cancel);
            Assert.Equal(row.IsReversible, undone.Success);
            Assert.Equal(row.IsReversible ? bench.Before : done, await bench.StateAsync(row, Cancel));
            if (!row.IsReversible)
                Assert.Contains("be brought back", undone.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_never_began_is_undone_by_doing_nothing(string name)
    {
        var row = Row(name);
        await using var bench = await StartAsync(row);

        Assert.Equal(!row.IsLostBefore, (await bench.UndoAsync(Cancel)).Success);

        Assert.Equal(bench.Before, await bench.StateAsync(row, Cancel));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_node_killed_behind_any_step_goes_on_when_the_work_comes_again(string name)
    {
        var row = Row(name);
        string? done = null;
        for (var step = 1; ; step++)
        {
            Assert.True(step < MostSteps, "It never came to its end.");
            await using var bench = await StartAsync(row);
            var killed = await MortalNode.RunAsync(bench.Message, step, Cancel) is null;
            done ??= await DoneAsync(row);

            await SucceedAsync(bench.ExecuteAsync(Cancel));

            Assert.Equal($"step {step}\n{done}", $"step {step}\n{await bench.StateAsync(row, Cancel)}");
            if (!killed)
                return;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_a_killed_node_has_half_done_is_undone(string name)
    {
        var row = Row(name);
        for (var step = 1; ; step++)
        {
            Assert.True(step < MostSteps, "It never came to its end.");
            await using var bench = await StartAsync(row);
            if (await MortalNode.RunAsync(bench.Message, step, Cancel) is not null)
                return;

            var undone = await bench.UndoAsync(Cancel);

            if (undone.Success)
                Assert.Equal($"step {step}\n{bench.Before}", $"step {step}\n{await bench.StateAsync(row, Cancel)}");
            else
                Assert.Contains("be brought back", row.IsReversible ? undone.Error + " (reversible)" : undone.Error, StringComparison.Ordinal);
            Assert.True(undone.Success || !row.IsReversible, $"step {step}: {undone.Error}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_node_killed_while_it_undoes_goes_on_when_the_undoing_comes_again(string name)
    {
        var row = Row(name);
        for (var step = 1; row.IsReversible; step++)
        {
            Assert.True(step < MostSteps, "It never came to its end.");
            await using var bench = await StartAsync(row);
            await SucceedAsync(bench.ExecuteAsync(Cancel));
            var killed = await MortalNode.RunAsync(bench.Undoing, step, Cancel) is null;

            await SucceedAsync(bench.UndoAsync(Cancel));

            Assert.Equal($"step {step}\n{bench.Before}", $"step {step}\n{await bench.StateAsync(row, Cancel)}");
            if (!killed)
                return;
        }
    }

    private static HandlerCase Row(string name) => HandlerCase.All.Single(row => row.ToString() == name);

    private Task<RedeliveryBench> StartAsync(HandlerCase row)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /bin/sh.");
        return RedeliveryBench.StartAsync(lab, row, Cancel);
    }

    /// <summary>What an undisturbed node leaves.</summary>
    private async Task<string> DoneAsync(HandlerCase row)
    {
        await using var bench = await StartAsync(row);
        await SucceedAsync(bench.ExecuteAsync(Cancel));
        return await bench.StateAsync(row, Cancel);
    }

    private static async Task<TransactionFinished> SucceedAsync(Task<TransactionFinished> ending)
    {
        var finished = await ending;
        Assert.True(finished.Success, finished.Error);
        return finished;
    }
}
