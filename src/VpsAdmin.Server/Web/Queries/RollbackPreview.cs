using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>What a rollback would do, for whoever is about to ask for it.</summary>
/// <param name="Lost">Names of snapshots that are nowhere afterwards, oldest first.</param>
/// <param name="Kept">Names of snapshots that go from the dataset and stay in a backup.</param>
/// <param name="Restores">The snapshot is only in a backup, and comes back from there.</param>
/// <param name="ChangesHistory">What follows is a new history.</param>
/// <param name="InTheWay">What works on the dataset: until that has ended, nothing can be rolled back. Null: nothing does.</param>
public sealed record RollbackForecast(IReadOnlyList<string> Lost, IReadOnlyList<string> Kept, bool Restores, bool ChangesHistory, WorkingChain? InTheWay);

/// <param name="Label">For people.</param>
/// <param name="IsShown">Whether this person may look at the chain.</param>
public sealed record WorkingChain(long Id, string Label, bool IsShown);

/// <summary>Plans a rollback, and leaves it at that.</summary>
internal sealed class RollbackPreview(IServiceScopeFactory scopes)
{
    /// <summary>Stands for the branch that the backup before the rollback will put what it has not into.</summary>
    private const long NextBranch = 0;

    public async Task<RollbackForecast> ReadAsync(Caller caller, long datasetId, long snapshotId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var dataset = await db.Datasets.VisibleTo(caller).AsNoTracking().Include(static d => d.InPools).ThenInclude(static i => i.Pool)
            .SingleOrDefaultAsync(d => d.Id == datasetId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        var local = dataset.Worked;
        var snapshots = await db.Snapshots.AsNoTracking().Where(s => s.DatasetId == datasetId)
            .Include(static s => s.InPools).ThenInclude(static c => c.InBranches).ToListAsync(cancel).ConfigureAwait(false);
        if (!snapshots.Exists(s => s.Id == snapshotId))
            throw ActionRefusedException.NotFound();

        var hasBackups = dataset.InPools.Exists(static i => i.Pool.Role is PoolRole.Backup);
        var seen = snapshots.OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id).Select(s => See(s, local.Id, hasBackups)).ToList();
        var plan = RollbackPlanner.Plan(seen, dataset.CurrentHistoryId, snapshotId);
        var names = snapshots.ToDictionary(static s => s.Id, static s => s.Name);
        return new(
            [.. plan.DestroyedSnapshots.Select(id => names[id])], [.. plan.DestroyedCopies.Except(plan.DestroyedSnapshots).Select(id => names[id])],
            plan.Restore, plan.NewHistoryId is not null, await InTheWayAsync(db, caller, dataset, cancel).ConfigureAwait(false));
    }

    /// <summary>Who has a lock that the rollback would take.</summary>
    private static Task<WorkingChain?> InTheWayAsync(VpsAdminDb db, Caller caller, Dataset dataset, CancellationToken cancel)
    {
        var places = dataset.InPools.ConvertAll(static i => i.Id);
        return db.ResourceLocks.Where(l => l.Resource == nameof(DatasetInPool) && places.Contains(l.RowId)).OrderBy(static l => l.ChainId)
            .Select(l => new WorkingChain(l.ChainId, l.Chain.Label, caller.IsAdmin || l.Chain.UserId == caller.UserId)).FirstOrDefaultAsync(cancel);
    }

    private static RollbackSnapshot See(Snapshot snapshot, long localId, bool hasBackups)
    {
        var isLocal = snapshot.InPools.Exists(c => c.DatasetInPoolId == localId && c.Confirmed is not Confirmed.Destroy);
        var branches = snapshot.InPools.SelectMany(static c => c.InBranches).Where(static b => b.Confirmed is not Confirmed.Destroy).Select(static b => b.BranchId).ToList();
        // Before a rollback destroys anything, backups get what they do not have.
        return new(snapshot.Id, snapshot.HistoryId, isLocal, hasBackups && isLocal && branches.Count == 0 ? [NextBranch] : branches);
    }
}
