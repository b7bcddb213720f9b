using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Migrating;

/// <summary>A migration of a plan, as the planner sees it.</summary>
/// <param name="Chain">State of the chain that moves the VPS; null: it has none.</param>
public sealed record PlannedMigration(long Id, VpsMigrationState State, ChainState? Chain);

/// <summary>What becomes of a plan and its migrations.</summary>
/// <param name="Changed">New states, of those whose state is another.</param>
/// <param name="Candidates">Queued ones in their order, of which <paramref name="Free"/> may be started.</param>
/// <param name="Free">How many may be started now.</param>
public sealed record MigrationPlanMove(
    MigrationPlanState State, IReadOnlyDictionary<long, VpsMigrationState> Changed, IReadOnlyList<long> Candidates, int Free);

/// <summary>Decides how a plan goes on. A pure function: the same rows give the same move, whenever the server was started.</summary>
public static class MigrationPlanner
{
    /// <param name="migrations">In the order in which they were added.</param>
    public static MigrationPlanMove Plan(MigrationPlanState state, bool stopOnError, int concurrency, IReadOnlyList<PlannedMigration> migrations)
    {
        if (IsFinished(state) || state is MigrationPlanState.Staged)
            return new(state, new Dictionary<long, VpsMigrationState>(), [], 0);
        var states = migrations.ToDictionary(static m => m.Id, static m => m.State is VpsMigrationState.Running ? Ended(m.Chain) ?? m.State : m.State);

        if (state is MigrationPlanState.Running && stopOnError && states.ContainsValue(VpsMigrationState.Error))
            state = MigrationPlanState.Failing;
        if (state is not MigrationPlanState.Running)
        {
            foreach (var queued in migrations.Where(m => states[m.Id] is VpsMigrationState.Queued))
                states[queued.Id] = VpsMigrationState.Cancelled;
        }

        var running = states.Values.Count(static s => s is VpsMigrationState.Running);
        var candidates = migrations.Where(m => states[m.Id] is VpsMigrationState.Queued).Select(static m => m.Id).ToList();
        if (running == 0 && candidates.Count == 0)
        {
            state = state switch
            {
                MigrationPlanState.Cancelling => MigrationPlanState.Cancelled,
                MigrationPlanState.Failing => MigrationPlanState.Error,
                _ => MigrationPlanState.Done,
            };
        }
        var changed = migrations.Where(m => states[m.Id] != m.State).ToDictionary(static m => m.Id, m => states[m.Id]);
        return new(state, changed, candidates, Math.Max(0, concurrency - running));
    }

    /// <summary>Whether a VPS is not where the plan would move it from, for good: it was deleted, or moved.</summary>
    public static bool IsElsewhere(VpsState state, long nodeId, long sourceNodeId) => state is VpsState.HardDelete || nodeId != sourceNodeId;

    /// <param name="windows">Of the VPS (<see cref="MaintenanceWindow.Normalize"/>); they matter where the migration is to keep to them.</param>
    public static bool IsInTime(bool keepsToWindows, string windows, DateTimeOffset now) => !keepsToWindows || MaintenanceWindow.IsOpen(windows, now);

    public static bool IsFinished(MigrationPlanState state) => state is MigrationPlanState.Cancelled or MigrationPlanState.Done or MigrationPlanState.Error;

    /// <summary>Null: it goes on, forward or back.</summary>
    private static VpsMigrationState? Ended(ChainState? chain) => chain switch
    {
        ChainState.Done => VpsMigrationState.Done,
        null or ChainState.Failed or ChainState.Fatal or ChainState.Resolved => VpsMigrationState.Error,
        _ => null,
    };
}
