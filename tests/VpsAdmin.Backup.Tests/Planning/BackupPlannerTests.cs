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
    [InlineData("V10, without seeding", "0:ABCDE", "1:ABCF 0:DE", 1, null, BackupOutcome.Transfer, "full F", false)]
    [InlineData("V10, several, without seeding", "0:ABCDE", "1:ABCFGH 0:DE", 1, null, BackupOutcome.Transfer, "full F, F->H", false)]
    [InlineData("V10, an older one was rotated away here", "0:CDE", "1:ABCFG 0:DE", 1, null, BackupOutcome.Transfer, "full F, F->G", false)]
    [InlineData("V10, seeded", "0:ABCDE", "1:ABCF 0:DE", 1, null, BackupOutcome.Transfer, "seed 0@C 1, C->F")]
    [InlineData("V10, several, seeded", "0:ABCDE", "1:ABCFGH 0:DE", 1, null, BackupOutcome.Transfer, "seed 0@C 1, C->H")]
    [InlineData("V10, seeded, an older one was rotated away here", "0:CDE", "1:ABCFG 0:DE", 1, null, BackupOutcome.Transfer, "seed 0@C 1, C->G")]
    [InlineData("V10, nothing of it is here", "0:DE", "1:ABCF 0:DE", 1, null, BackupOutcome.Transfer, "full A, A->F")]
    [InlineData("V10, twice", "0:DE 1:ABCFG", "2:ABCFH 1:G 0:DE", 2, null, BackupOutcome.Transfer, "seed 1@F 2, F->H")]
    [InlineData("V10, the new dataset is there and is nobody's", "0:ABC 1:", "1:ABCF", 1, null, BackupOutcome.Transfer, "full F")]
    [InlineData("V22", "0:ABC", "0:ABC", 1, null, BackupOutcome.NoSnapshots, "")]
    [InlineData("V22, the first one after the reinstall", "0:ABC", "0:ABC 1:D", 1, null, BackupOutcome.Transfer, "full D")]
    [InlineData("BUG-12", "0:AB", "1:A 0:B", 1, null, BackupOutcome.UpToDate, "")]
    [InlineData("V10, the run after", "0:ABCDE 1:F", "1:ABCFG 0:DE", 1, null, BackupOutcome.Transfer, "F->G")]
    [InlineData("V11", "0:A", "0:BC", 0, null, BackupOutcome.NoCommonSnapshot, "")]
    [InlineData("V15", "", "", 0, null, BackupOutcome.NoSnapshots, "")]
    [InlineData("V15, only others", "0:A", "0:A", 1, null, BackupOutcome.NoSnapshots, "")]
    [InlineData("all here", "0:ABC", "0:ABC", 0, null, BackupOutcome.UpToDate, "")]
    [InlineData("the oldest are gone on the server", "0:ABC", "0:CD", 0, null, BackupOutcome.Transfer, "C->D")]
    [InlineData("the oldest are gone here", "0:C", "0:ABCD", 0, null, BackupOutcome.Transfer, "C->D")]
    [InlineData("the newest is gone on the server", "0:ABC", "0:AB", 0, null, BackupOutcome.UpToDate, "")]
    [InlineData("a foreign snapshot in the way", "0:ABX", "0:ABC", 0, null, BackupOutcome.Diverged, "")]
    [InlineData("an older history is a base when it is taken over", "0:C", "1:CD", 1, null, BackupOutcome.Transfer, "seed 0@C 1, C->D")]
    [InlineData("history ids need not begin at 0", "", "5:A", 5, null, BackupOutcome.Transfer, "full A")]
    [InlineData("BUG-9", "0:A", "0:AbC", 0, null, BackupOutcome.Transfer, "A->C")]
    [InlineData("BUG-9, newest", "0:A", "0:ABc", 0, null, BackupOutcome.Transfer, "A->B")]
    [InlineData("BUG-9, only", "0:A", "0:Ab", 0, null, BackupOutcome.Unconfirmed, "")]
    [InlineData("BUG-9, none else", "", "0:a", 0, null, BackupOutcome.Unconfirmed, "")]
    public void The_vectors_hold(string vector, string local, string remote, int current, int? initial, BackupOutcome outcome, string steps, bool seed = true)
    {
        var plan = BackupPlanner.Plan(Sides.Local(local), Sides.Remote(remote, current), new BackupPlanOptions(initial, seed));
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
        Assert.IsType<NoCommonSnapshot>(plan.Conflict);
    }

    [Fact]
    public void With_local_snapshots_after_the_common_one_the_way_back_is_named()
    {
        var plan = BackupPlanner.Plan(Sides.Local("0:ABXY"), Sides.Remote("0:ABC", 0), new BackupPlanOptions());
        Assert.Contains("zfs rollback -r tank/backup/web/0@B", plan.Message, StringComparison.Ordinal);
        Assert.Contains("destroys @X, @Y:", plan.Message, StringComparison.Ordinal);
        var diverged = Assert.IsType<Diverged>(plan.Conflict);
        Assert.Equal(("B", "XY"), (diverged.Common.Name, string.Concat(diverged.Newer.Select(static s => s.Name))));
    }

    [Fact]
    public void By_force_local_snapshots_in_the_way_are_destroyed_unless_one_is_held()
    {
        var local = Sides.Local("0:ABXY");
        var force = new BackupPlanOptions(Force: true);
        Assert.Equal("rollback B -XY, B->C", Sides.Shorthand(BackupPlanner.Plan(local, Sides.Remote("0:ABC", 0), force)));

        var held = local with { Snapshots = [.. local.Snapshots.Select(static s => s.Name == "X" ? s with { IsHeld = true } : s)] };
        var plan = BackupPlanner.Plan(held, Sides.Remote("0:ABC", 0), force);
        Assert.Equal(BackupOutcome.Diverged, plan.Outcome);
        Assert.Contains("@X is held", plan.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_conflict_has_its_reason_and_those_that_need_help_their_remedy()
    {
        BackupPlan[] plans =
        [
            BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:BC", 0), new BackupPlanOptions()),
            BackupPlanner.Plan(Sides.Local("0:AX"), Sides.Remote("0:AC", 0), new BackupPlanOptions()),
            BackupPlanner.Plan(Sides.Local("", savedId: 8), Sides.Remote("0:A", 0), new BackupPlanOptions()),
            BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:Ab", 0), new BackupPlanOptions()),
            BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:A", 0), new BackupPlanOptions()),
            BackupPlanner.Plan(Sides.Local(""), Sides.Remote("", 0), new BackupPlanOptions()),
        ];
        Assert.Equal(
            [typeof(NoCommonSnapshot), typeof(Diverged), typeof(WrongDataset), typeof(Unconfirmed), typeof(NothingNew), typeof(NoSnapshots)],
            plans.Select(static p => p.Conflict!.GetType()));
        Assert.All(plans, static p => Assert.NotEmpty(p.Conflict!.Reason));
        Assert.Equal([true, true, true, false, false, false], plans.Select(static p => p.IsConflict));
        Assert.All(plans.Where(static p => p.IsConflict), static p => Assert.NotEmpty(p.Conflict!.Remedy));
    }

    // What the server refuses an increment from is not asked for again (BUG-30, spec 10.1.10).
    [Theory]
    [InlineData("an older common snapshot", "0:ABC", "0:ABCD", 0, "C", "aside 0 0.old, seed 0.old@B 0, B->D")]
    [InlineData("an older one again", "0:ABC", "0:ABCD", 0, "CB", "aside 0 0.old, seed 0.old@A 0, A->D")]
    [InlineData("none is left", "0:ABC", "0:ABCD", 0, "CBA", "aside 0 0.old, full D")]
    [InlineData("enough was asked", "0:ABCDE", "0:ABCDEF", 0, "EDC", "aside 0 0.old, full F")]
    [InlineData("several new ones", "0:A", "0:ABCD", 0, "A", "aside 0 0.old, full B, B->D")]
    [InlineData("nor from the first new one", "0:A", "0:ABCD", 0, "AB", "aside 0 0.old, full D")]
    [InlineData("seeding", "0:ABC", "1:ABCD", 1, "C", "seed 0@B 1, B->D")]
    [InlineData("seeding, none is left", "0:A", "1:AB", 1, "A", "full B")]
    public void A_refused_base_is_gone_around(string what, string local, string remote, int current, string refused, string steps)
    {
        var plan = BackupPlanner.Plan(Sides.Local(local), Sides.Remote(remote, current),
            new BackupPlanOptions { Refused = refused.Select(static c => $"{c}").ToHashSet() });
        Assert.True(steps == Sides.Shorthand(plan), $"{what}: {Sides.Shorthand(plan)}");
    }

    [Fact]
    public void What_was_set_aside_before_is_not_overwritten()
    {
        var local = Sides.Local("0:A") with { OtherChildren = [$"{Sides.Filesystem}/0.old"] };
        var plan = BackupPlanner.Plan(local, Sides.Remote("0:AB", 0), new BackupPlanOptions { Refused = new HashSet<string> { "A" } });
        Assert.Equal("aside 0 0.old-A, full B", Sides.Shorthand(plan));
    }

    [Fact]
    public void Where_the_guid_is_known_an_equal_name_is_not_enough()
    {
        var remote = Sides.Remote("0:AB", 0);
        RemoteInventory With(ulong guid) => remote with { Snapshots = [remote.Snapshots[0] with { Guid = guid }, remote.Snapshots[1]] };
        Assert.Equal("A->B", Sides.Shorthand(BackupPlanner.Plan(Sides.Local("0:A"), With('A'), new BackupPlanOptions())));
        Assert.Equal(BackupOutcome.NoCommonSnapshot, BackupPlanner.Plan(Sides.Local("0:A"), With(1), new BackupPlanOptions()).Outcome);
    }

    [Fact]
    public void A_clone_that_a_crash_left_without_snapshots_is_seeded_again()
    {
        var local = Sides.Local("0:ABC 1:") with { Origins = new Dictionary<int, HistoryOrigin> { [1] = new(0, "C") } };
        Assert.Equal("seed 0@C 1, C->F", Sides.Shorthand(BackupPlanner.Plan(local, Sides.Remote("1:ABCF", 1), new BackupPlanOptions())));
    }

    [Theory]
    [InlineData("0:ABC", "0:ABC", 0, "C")]
    [InlineData("0:ABCX", "0:ABCD", 0, "C")]
    [InlineData("0:ABCDE", "1:ABC 0:DE", 1, "C")]
    [InlineData("0:DE 1:ABCF", "1:ABCF 0:DE", 1, "F")]
    [InlineData("0:A", "0:BC", 0, null)]
    [InlineData("", "0:A", 0, null)]
    public void The_next_base_is_the_newest_that_both_have(string local, string remote, int current, string? name) =>
        Assert.Equal(name, BackupPlanner.Base(Sides.Local(local), Sides.Remote(remote, current))?.Name);

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
