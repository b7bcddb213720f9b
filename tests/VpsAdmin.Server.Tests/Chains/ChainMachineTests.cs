using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class ChainMachineTests
{
    // A step: its state (. waiting, > running, + done, x failed, < undoing, - undone, ! undo failed), then what its failure means
    // (u undo, i irreversible, k keep going).
    [Theory]
    [InlineData(".u", "Queued Run 0", ">")]
    [InlineData(".i.u", "Queued Run 0", ">.")]
    public void A_built_chain_starts_with_its_first_step(string steps, string expected, string states) =>
        Check(ChainMachine.Start(Parse(steps)), expected, states);

    [Theory]
    // Forward.
    [InlineData("Queued", ">u", 0, true, "Done Close", "+")]
    [InlineData("Queued", ">u.u", 0, true, "Queued Run 1", "+>")]
    [InlineData("Queued", "+u>u", 1, true, "Done Close", "++")]
    // Failure: what failed is undone first, then the rest in reverse.
    [InlineData("Queued", ">u", 0, false, "Rollbacking Undo 0", "<")]
    [InlineData("Queued", "+u+u>u.u", 2, false, "Rollbacking Undo 2", "++<.")]
    [InlineData("Rollbacking", "+u+u<u.u", 2, true, "Rollbacking Undo 1", "+<-.")]
    [InlineData("Rollbacking", "+u<u-u.u", 1, true, "Rollbacking Undo 0", "<--.")]
    [InlineData("Rollbacking", "<u-u-u.u", 0, true, "Failed Close", "---.")]
    // What cannot be undone stays, and what was done before it: there may be no other copy of what it has destroyed, also where it has failed.
    [InlineData("Queued", ">i", 0, false, "Failed Close", "x")]
    [InlineData("Queued", "+u>i.u", 1, false, "Failed Close", "+x.")]
    [InlineData("Queued", "+u+i>i", 2, false, "Failed Close", "++x")]
    [InlineData("Rollbacking", "+u+i<u", 2, true, "Failed Close", "++-")]
    [InlineData("Rollbacking", "+u+i+u<u", 3, true, "Rollbacking Undo 2", "++<-")]
    [InlineData("Queued", "+u>u.i", 1, false, "Rollbacking Undo 1", "+<.")]
    // But not what can be undone without loss, up to what cannot.
    [InlineData("Queued", "+u+l>i", 2, false, "Rollbacking Undo 1", "+<x")]
    [InlineData("Rollbacking", "+u<lxi", 1, true, "Failed Close", "+-x")]
    [InlineData("Queued", "+l+u+l+k>i", 4, false, "Rollbacking Undo 2", "++<+x")]
    [InlineData("Rollbacking", "+l+u<l+kxi", 2, true, "Failed Close", "++-+x")]
    [InlineData("Queued", "+i>u", 1, false, "Rollbacking Undo 1", "+<")]
    [InlineData("Rollbacking", "+i<u", 1, true, "Failed Close", "+-")]
    // A mail that cannot be sent does not undo an export.
    [InlineData("Queued", "+u>k", 1, false, "Done Close", "+x")]
    [InlineData("Queued", ">k.u", 0, false, "Queued Run 1", "x>")]
    [InlineData("Queued", "+u+k>u", 2, false, "Rollbacking Undo 2", "++<")]
    [InlineData("Rollbacking", "+u+k<u", 2, true, "Rollbacking Undo 0", "<+-")]
    // Undoing fails.
    [InlineData("Rollbacking", "<u", 0, false, "Fatal Halt", "!")]
    [InlineData("Rollbacking", "+u<u-u", 1, false, "Fatal Halt", "+!-")]
    // Reports that nobody waits for.
    [InlineData("Queued", "+u>u", 0, true, "Queued None", "+>")]
    [InlineData("Queued", "+u>u", 0, false, "Queued None", "+>")]
    [InlineData("Done", "+u", 0, true, "Done None", "+")]
    [InlineData("Done", "+u", 0, false, "Done None", "+")]
    [InlineData("Failed", "-u", 0, true, "Failed None", "-")]
    [InlineData("Fatal", "!u", 0, true, "Fatal None", "!")]
    [InlineData("Resolved", "!u", 0, true, "Resolved None", "!")]
    [InlineData("Resolved", "xu", 0, true, "Resolved None", "x")]
    [InlineData("Staged", ".u", 0, true, "Staged None", ".")]
    public void A_report_moves_the_chain(string state, string steps, int index, bool success, string expected, string states) =>
        Check(ChainMachine.Finished(Enum.Parse<ChainState>(state), Parse(steps), index, success), expected, states);

    // n: undo, and it can be interrupted; l: undo, by which nothing is lost.
    [Theory]
    [InlineData(">n", "Rollbacking Undo 0", "<")]
    [InlineData("+u>n.k", "Rollbacking Undo 1", "+<.")]
    [InlineData("+i>n.u", "Rollbacking Undo 1", "+<.")]
    [InlineData("+u>n.i", "Rollbacking Undo 1", "+<.")]
    [InlineData(".u.i", "Failed Close", "..")]
    public void A_chain_that_is_called_off_turns_back(string steps, string expected, string states)
    {
        Assert.True(ChainMachine.CanCancel(ChainState.Queued, Parse(steps)));
        Check(ChainMachine.Cancel(ChainState.Queued, Parse(steps))!, expected, states);
    }

    [Theory]
    [InlineData("Queued", ">u.n")]
    [InlineData("Queued", "+n>u")]
    [InlineData("Queued", "+n>k")]
    [InlineData("Queued", "+n>i")]
    [InlineData("Done", "+n")]
    [InlineData("Rollbacking", "+u<n")]
    [InlineData("Failed", "-n")]
    [InlineData("Fatal", "!n")]
    [InlineData("Resolved", "!n")]
    [InlineData("Staged", ".n")]
    public void What_has_to_come_to_its_end_is_not_called_off(string state, string steps)
    {
        Assert.False(ChainMachine.CanCancel(Enum.Parse<ChainState>(state), Parse(steps)));
        Assert.Null(ChainMachine.Cancel(Enum.Parse<ChainState>(state), Parse(steps)));
    }

    [Theory]
    [InlineData("Queued", "+u>u.u", "Resolved Close 1", "+x.")]
    [InlineData("Queued", ">n", "Resolved Close 0", "x")]
    [InlineData("Queued", "+k>i", "Resolved Close 1", "+x")]
    [InlineData("Rollbacking", "+u<u-u", "Resolved Close 1", "+!-")]
    public void A_chain_whose_node_is_gone_for_good_is_ended_as_it_stands(string state, string steps, string expected, string states) =>
        Check(ChainMachine.Abandon(Enum.Parse<ChainState>(state), Parse(steps))!, expected, states);

    [Theory]
    [InlineData("Queued", ".u.u")]
    [InlineData("Staged", ".u")]
    [InlineData("Done", "+u")]
    [InlineData("Failed", "-u")]
    [InlineData("Fatal", "!u")]
    [InlineData("Resolved", "xu")]
    public void A_chain_that_waits_for_no_node_is_not_ended_because_of_one(string state, string steps) =>
        Assert.Null(ChainMachine.Abandon(Enum.Parse<ChainState>(state), Parse(steps)));

    [Theory]
    [InlineData("Queued", "+u>u.u", "Queued Run 1", "+>.")]
    [InlineData("Rollbacking", "+u<u-u", "Rollbacking Undo 1", "+<-")]
    [InlineData("Queued", ".u.u", "Queued Run 0", ">.")]
    [InlineData("Done", "+u", "Done None", "+")]
    [InlineData("Failed", "-u", "Failed None", "-")]
    [InlineData("Fatal", "!u", "Fatal None", "!")]
    [InlineData("Resolved", "!u", "Resolved None", "!")]
    public void A_saved_chain_goes_on_where_it_was(string state, string steps, string expected, string states) =>
        Check(ChainMachine.Resume(Enum.Parse<ChainState>(state), Parse(steps)), expected, states);

    /// <summary>Whatever fails wherever: nothing is undone that lies before what may be gone, unless nothing is lost by it.</summary>
    [Fact]
    public void No_chain_undoes_the_copy_of_what_it_has_destroyed()
    {
        const string policies = "uilk";
        for (var code = 0; code < 256; code++)
        {
            var policy = Enumerable.Range(0, 4).Select(step => policies[(code >> (2 * step)) & 3]).ToArray();
            for (var failing = 0; failing < 4; failing++)
                Check(Fail(policy, failing), policy, failing);
        }

        static void Check(IReadOnlyList<StepState> states, char[] policy, int failing)
        {
            var text = new string(policy) + " " + string.Concat(states.Select(static s => Letters[(int)s]));
            var last = Enumerable.Range(0, 4).LastOrDefault(step => policy[step] is 'i' && states[step] is not StepState.Waiting, -1);
            Assert.All(Enumerable.Range(0, Math.Max(last, 0)), step => Assert.True(policy[step] is not 'u' || states[step] is StepState.Done, text));
            // All that can be undone is, behind that, and before it what nothing is lost by, up to what stays.
            var stays = Enumerable.Range(0, 4).LastOrDefault(step => step < last && policy[step] is 'u', -1);
            if (policy[failing] is not 'k')
                Assert.All(Enumerable.Range(0, failing + 1), step => Assert.Equal(policy[step] is 'u' && step > last || policy[step] is 'l' && step > stays, states[step] is StepState.Undone));
            else
                Assert.DoesNotContain(states, static s => s is not (StepState.Done or StepState.Failed));
            Assert.DoesNotContain(states, static s => s is StepState.Running or StepState.Undoing);
        }
    }

    /// <returns>The states at the end of a chain one step of which fails, and whose undoing succeeds.</returns>
    private static IReadOnlyList<StepState> Fail(char[] policy, int failing)
    {
        var move = ChainMachine.Start(Steps(Enumerable.Repeat(StepState.Waiting, policy.Length)));
        while (move.Order is ChainOrder.Run or ChainOrder.Undo)
            move = ChainMachine.Finished(move.State, Steps(move.Steps), move.Step, move.Order is ChainOrder.Undo || move.Step != failing);
        return move.Steps;

        List<ChainStep> Steps(IEnumerable<StepState> states) => Parse(string.Concat(states.Zip(policy, static (s, p) => $"{Letters[(int)s]}{p}")));
    }

    [Theory]
    [InlineData(">u.u.u", 0)]
    [InlineData("+u>u.u", 1)]
    [InlineData("+u+u+u", 3)]
    [InlineData("+u<u-u", 1)]
    [InlineData("-u-u-u", 0)]
    [InlineData("+uxk>u", 2)]
    [InlineData("+ixi.u", 1)]
    public void Progress_counts_what_is_finished_and_not_undone(string steps, int progress) =>
        Assert.Equal(progress, ChainMachine.Progress(Parse(steps)));

    [Theory]
    [InlineData(ChainState.Staged, false, true)]
    [InlineData(ChainState.Queued, false, true)]
    [InlineData(ChainState.Done, true, true)]
    [InlineData(ChainState.Rollbacking, false, false)]
    [InlineData(ChainState.Failed, true, false)]
    [InlineData(ChainState.Fatal, true, false)]
    [InlineData(ChainState.Resolved, true, false)]
    public void Clients_see_whether_a_chain_is_finished_and_good(ChainState state, bool finished, bool good)
    {
        Assert.Equal(finished, ChainMachine.IsFinished(state));
        Assert.Equal(good, ChainMachine.IsGood(state));
    }

    private static void Check(ChainMove move, string expected, string states)
    {
        Assert.Equal(expected, move.Step < 0 ? $"{move.State} {move.Order}" : $"{move.State} {move.Order} {move.Step}");
        Assert.Equal(states, string.Concat(move.Steps.Select(static s => Letters[(int)s])));
    }

    private const string Letters = ".>+x<-!";

    private static List<ChainStep> Parse(string text) =>
        [.. text.Chunk(2).Select(static c => new ChainStep((StepState)Letters.IndexOf(c[0], StringComparison.Ordinal), Policy(c[1]), CanInterrupt: c[1] is 'n', UndoLosesNothing: c[1] is 'l'))];

    private static FailurePolicy Policy(char letter) => letter switch
    {
        'i' => FailurePolicy.Irreversible,
        'k' => FailurePolicy.KeepGoing,
        _ => FailurePolicy.Undo,
    };
}
