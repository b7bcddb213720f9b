namespace VpsAdmin.Backup.Tests.Planning;

public class BackupPlannerTests
{
    // The acceptance vectors of spec 10.2, and what follows from the rules of 2.3 and 4.5.
    [Theory]
    [InlineData("V6", "0:A", "0:ABC", 0, null, BackupOutcome.Transfer, "A->C")]
    [InlineData("V7", "", "0:ABC", 0, null, BackupOutcome.Transfer, "full A, A->C")]
    [InlineData("V7, one snapshot", "", "0:A", 0, null, BackupOutcome.Transfer, "full A")]
    [InlineData("V7, empty dataset", "0:", "0:ABC", 0, null, BackupOutcome.Transfer, "full A, A->C")]
    [InlineData("V8", "", "0:ABC", 0, 2, BackupOutcome.Transfer, "full B, B->C")]
    [InlineData("V8, one", "", "0:ABC", 0, 1, BackupOutcome.Transfer, "full C")]
    [InlineData("V8, more than there are", "", "0:ABC", 0, 9, BackupOutcome.Transfer, "full A, A->C")]
    [InlineData("V8, only initially", "0:A", "0:ABC", 0, 1, BackupOutcome.Transfer, "A->C")]
    [InlineData("V9", "0:ABCDE", "1:ABC 0:DE", 1, null, BackupOutcome.UpToDate, "")]
    [InlineData("V10", "0:ABCDE", "1:ABCF 0:DE", 1, null, BackupOutcome.Transfer, "full F")]
    [InlineData("V10, several", "0:ABCDE", "1:ABCFGH 0:DE", 1, null, BackupOutcome.Transfer, "full F, F->H")]
    [InlineData("V10, an older one was rotated away here", "0:CDE", "1:ABCFG 0:DE", 1, null, BackupOutcome.Transfer, "full F, F->G")]
    [InlineData("V10, the run after", "0:ABCDE 1:F", "1:ABCFG 0:DE", 1, null, BackupOutcome.Transfer, "F->G")]
    [InlineData("V11", "0:A", "0:BC", 0, null, BackupOutcome.NoCommonSnapshot, "")]
    [InlineData("V15", "", "", 0, null, BackupOutcome.NoSnapshots, "")]
    [InlineData("V15, only others", "0:A", "0:A", 1, null, BackupOutcome.NoSnapshots, "")]
    [InlineData("all here", "0:ABC", "0:ABC", 0, null, BackupOutcome.UpToDate, "")]
    [InlineData("the oldest are gone on the server", "0:ABC", "0:CD", 0, null, BackupOutcome.Transfer, "C->D")]
    [InlineData("the oldest are gone here", "0:C", "0:ABCD", 0, null, BackupOutcome.Transfer, "C->D")]
    [InlineData("the newest is gone on the server", "0:ABC", "0:AB", 0, null, BackupOutcome.UpToDate, "")]
    [InlineData("a foreign snapshot in the way", "0:ABX", "0:ABC", 0, null, BackupOutcome.NoCommonSnapshot, "")]
    [InlineData("an older history is no base", "0:C", "1:CD", 1, null, BackupOutcome.Transfer, "full D")]
    [InlineData("history ids need not begin at 0", "", "5:A", 5, null, BackupOutcome.Transfer, "full A")]
    [InlineData("BUG-9", "0:A", "0:AbC", 0, null, BackupOutcome.Transfer, "A->C")]
    [InlineData("BUG-9, newest", "0:A", "0:ABc", 0, null, BackupOutcome.Transfer, "A->B")]
    [InlineData("BUG-9, only", "0:A", "0:Ab", 0, null, BackupOutcome.UpToDate, "")]
    [InlineData("BUG-9, none else", "", "0:a", 0, null, BackupOutcome.NoSnapshots, "")]
    public void The_vectors_hold(string vector, string local, string remote, int current, int? initial, BackupOutcome outcome, string steps)
    {
        var plan = BackupPlanner.Plan(Sides.Local(local), Sides.Remote(remote, current), new BackupPlanOptions(initial));
        Assert.True((outcome, steps) == (plan.Outcome, Sides.Shorthand(plan)), $"{vector}: {plan}");
        Assert.Equal($"{Sides.Filesystem}/{current}", plan.Target);
        Assert.All(plan.Steps, static step => Assert.NotEmpty(step.Reason));
    }

    [Fact]
    public void An_increment_lists_what_the_stream_brings()
    {
        var plan = BackupPlanner.Plan(Sides.Local(""), Sides.Remote("0:ABCD", 0), new BackupPlanOptions());
        var increment = Assert.IsType<IncrementalStep>(plan.Steps[1]);
        Assert.Equal(["B", "C", "D"], increment.Included.Select(static s => s.Name));
        Assert.Equal(plan.Target, increment.Target);
    }

    [Fact]
    public void Snapshots_that_the_server_is_still_taking_are_mentioned()
    {
        var plan = BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:ABc", 0), new BackupPlanOptions());
        Assert.Contains("still taking 1 snapshot", plan.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0:ABC")]
    public void A_filesystem_of_another_dataset_is_refused_whatever_is_in_it(string local)
    {
        var plan = BackupPlanner.Plan(Sides.Local(local, savedId: 8), Sides.Remote("0:ABC", 0), new BackupPlanOptions());
        Assert.Equal((BackupOutcome.WrongDataset, true), (plan.Outcome, plan.IsConflict));
        Assert.Contains("id 8", plan.Message, StringComparison.Ordinal);
        Assert.Contains("id 7", plan.Message, StringComparison.Ordinal);
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void A_filesystem_that_remembers_nothing_is_anybodys() =>
        Assert.Equal(BackupOutcome.Transfer, BackupPlanner.Plan(Sides.Local("", savedId: null), Sides.Remote("0:A", 0), new BackupPlanOptions()).Outcome);

    [Fact]
    public void Without_a_common_snapshot_the_message_has_the_commands()
    {
        var plan = BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:BC", 0), new BackupPlanOptions());
        Assert.StartsWith("Unable to transfer: the common snapshot has not been found.", plan.Message, StringComparison.Ordinal);
        Assert.Contains("'tank/backup/web/0' has @A; the server has 2 snapshots, @B to @C.", plan.Message, StringComparison.Ordinal);
        Assert.Contains("zfs rename tank/backup/web/0 tank/backup/web/0.old\n", plan.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("zfs list -r -t all tank/backup/web/0\n", plan.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("zfs destroy -r tank/backup/web/0\n", plan.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("rollback", plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_local_snapshots_after_the_common_one_the_way_back_is_named()
    {
        var plan = BackupPlanner.Plan(Sides.Local("0:ABXY"), Sides.Remote("0:ABC", 0), new BackupPlanOptions());
        Assert.Contains("zfs rollback -r tank/backup/web/0@B", plan.Message, StringComparison.Ordinal);
        Assert.Contains("destroys @X, @Y:", plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_ZFS_cannot_have_are_not_asked_for()
    {
        var remote = Sides.Remote("0:A", 0);
        var plan = BackupPlanner.Plan(Sides.Local(""), remote with { Snapshots = [.. remote.Snapshots, remote.Snapshots[0] with { Name = "B;rm" }] }, new BackupPlanOptions());
        Assert.Equal("full A", Sides.Shorthand(plan));
    }

    [Fact]
    public void No_initial_snapshots_at_all_is_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BackupPlanner.Plan(Sides.Local(""), Sides.Remote("0:A", 0), new BackupPlanOptions(0)));

    [Theory]
    [InlineData("tank/b/0", 0)]
    [InlineData("tank/b/2147483647", 2147483647)]
    [InlineData("tank/b", null)]
    [InlineData("tank/b/0.old", null)]
    [InlineData("tank/b/0/1", null)]
    [InlineData("tank/b/00", null)]
    [InlineData("tank/b/-1", null)]
    [InlineData("tank/b/+1", null)]
    [InlineData("tank/b/2147483648", null)]
    [InlineData("tank/b0/1", null)]
    [InlineData("tank/b/\u0663", null)]
    public void A_history_dataset_is_a_number_directly_below(string dataset, int? historyId) =>
        Assert.Equal(historyId, HistoryDataset.HistoryId("tank/b", dataset));
}
