using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Migrating;

namespace VpsAdmin.Server.Tests.Migrating;

/// <summary>How plans go on (spec 1.7), as a table.</summary>
public sealed class MigrationPlannerTests
{
    private static readonly PlannedMigration Queued = new(3, VpsMigrationState.Queued, null);

    [Theory]
    [InlineData(10, 0, 10)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 0)]
    [InlineData(1, 2, 0)]
    public void As_many_move_at_once_as_the_plan_says(int concurrency, int running, int free)
    {
        var migrations = Enumerable.Range(10, running).Select(static id => new PlannedMigration(id, VpsMigrationState.Running, ChainState.Queued));
        var move = MigrationPlanner.Plan(MigrationPlanState.Running, stopOnError: true, concurrency, [.. migrations, Queued]);
        Assert.Equal((MigrationPlanState.Running, free), (move.State, move.Free));
        Assert.Equal([3], move.Candidates);
    }

    [Theory]
    [InlineData(ChainState.Done, VpsMigrationState.Done)]
    [InlineData(ChainState.Failed, VpsMigrationState.Error)]
    [InlineData(ChainState.Fatal, VpsMigrationState.Error)]
    [InlineData(ChainState.Resolved, VpsMigrationState.Error)]
    [InlineData(null, VpsMigrationState.Error)]
    public void A_migration_ends_with_its_chain(ChainState? chain, VpsMigrationState ended) =>
        Assert.Equal(ended, MigrationPlanner.Plan(MigrationPlanState.Running, stopOnError: false, 1, [new(1, VpsMigrationState.Running, chain)]).Changed[1]);

    [Theory]
    [InlineData(ChainState.Queued)]
    [InlineData(ChainState.Rollbacking)]
    public void A_migration_that_goes_on_or_back_has_not_ended(ChainState chain)
    {
        var move = MigrationPlanner.Plan(MigrationPlanState.Running, stopOnError: true, 1, [new(1, VpsMigrationState.Running, chain), Queued]);
        Assert.Empty(move.Changed);
        Assert.Equal((MigrationPlanState.Running, 0), (move.State, move.Free));
    }

    [Fact]
    public void An_error_stops_what_has_not_begun_where_the_plan_says_so()
    {
        PlannedMigration[] migrations = [new(1, VpsMigrationState.Running, ChainState.Failed), new(2, VpsMigrationState.Running, ChainState.Queued), Queued];
        var stopping = MigrationPlanner.Plan(MigrationPlanState.Running, stopOnError: true, 10, migrations);
        Assert.Equal(MigrationPlanState.Failing, stopping.State);
        Assert.Equal(VpsMigrationState.Cancelled, stopping.Changed[3]);
        Assert.Empty(stopping.Candidates);

        var going = MigrationPlanner.Plan(MigrationPlanState.Running, stopOnError: false, 10, migrations);
        Assert.Equal(MigrationPlanState.Running, going.State);
        Assert.Equal([3], going.Candidates);
    }

    [Theory]
    [InlineData(MigrationPlanState.Running, MigrationPlanState.Done)]
    [InlineData(MigrationPlanState.Cancelling, MigrationPlanState.Cancelled)]
    [InlineData(MigrationPlanState.Failing, MigrationPlanState.Error)]
    public void A_plan_ends_when_all_have(MigrationPlanState state, MigrationPlanState ended)
    {
        Assert.Equal(state, MigrationPlanner.Plan(state, stopOnError: true, 10, [new(1, VpsMigrationState.Running, ChainState.Queued)]).State);
        Assert.Equal(ended, MigrationPlanner.Plan(state, stopOnError: true, 10, [new(1, VpsMigrationState.Running, ChainState.Done), new(2, VpsMigrationState.Done, ChainState.Done)]).State);
    }

    [Theory]
    [InlineData(MigrationPlanState.Staged)]
    [InlineData(MigrationPlanState.Done)]
    [InlineData(MigrationPlanState.Error)]
    [InlineData(MigrationPlanState.Cancelled)]
    public void Nothing_moves_in_a_plan_that_does_not_run(MigrationPlanState state)
    {
        var move = MigrationPlanner.Plan(state, stopOnError: true, 10, [Queued]);
        Assert.Equal((state, 0), (move.State, move.Candidates.Count + move.Changed.Count));
    }

    [Theory]
    [InlineData("", "2016-06-14T10:00:00Z", true)]
    [InlineData("Tue 10:00-11:00", "2016-06-14T10:00:00Z", true)]
    [InlineData("Tue 10:00-11:00", "2016-06-14T12:59:59+02:00", true)]
    [InlineData("Tue 10:00-11:00", "2016-06-14T11:00:00Z", false)]
    [InlineData("Mon 10:00-11:00", "2016-06-14T10:00:00Z", false)]
    [InlineData("Mon 10:00-11:00, Tue 22:00-24:00", "2016-06-14T23:59:59Z", true)]
    public void A_window_is_open_at_its_time(string windows, string now, bool open) =>
        Assert.Equal(open, MaintenanceWindow.IsOpen(windows, DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("Tue")]
    [InlineData("Tue 10:00-09:00")]
    [InlineData("Tue 10:00-25:00")]
    [InlineData("Xyz 10:00-11:00")]
    [InlineData("Tue 10:00-11:00; Wed 10:00-11:00")]
    public void What_is_no_window_is_refused(string text) => Assert.Throws<ActionRefusedException>(() => MaintenanceWindow.Normalize(text));
}
