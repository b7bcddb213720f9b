using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Migrating;

/// <summary>
/// How a plan would go on as it is seen by two queries, which keep no writer waiting. A plan of many VPSes may wait for their windows for days, and is looked at each minute; whoever acts on it looks
/// again where others are kept out.
/// </summary>
/// <param name="IsChanged">The plan or one of its migrations has come to another state.</param>
/// <param name="Ready">Candidates that are worth a try, in their order: their window is open and no chain works on their VPS, or they cannot move any more, which is to be noted.</param>
internal sealed record MigrationPlanLook(MigrationPlanMove Move, bool IsChanged, IReadOnlyList<long> Ready)
{
    public static async Task<MigrationPlanLook> TakeAsync(VpsAdminDb db, long planId, DateTimeOffset now, CancellationToken cancel)
    {
        var plan = await db.MigrationPlans.Where(p => p.Id == planId).Select(static p => new { p.State, p.StopOnError, p.Concurrency }).SingleAsync(cancel).ConfigureAwait(false);
        var migrations = await db.VpsMigrations.Where(m => m.PlanId == planId).OrderBy(static m => m.CreatedAt).ThenBy(static m => m.Id).Select(m => new
        {
            m.Id, m.State, Chain = m.Chain == null ? null : (ChainState?)m.Chain.State, m.MaintenanceWindow, m.SourceNodeId, Vps = new { m.Vps.State, m.Vps.NodeId, m.Vps.MaintenanceWindows },
            IsLocked = db.ResourceLocks.Any(l => l.Resource == nameof(Vps) && l.RowId == m.VpsId),
        }).ToListAsync(cancel).ConfigureAwait(false);
        var move = MigrationPlanner.Plan(plan.State, plan.StopOnError, plan.Concurrency, migrations.ConvertAll(static m => new PlannedMigration(m.Id, m.State, m.Chain)));
        var ready = migrations.Where(m => MigrationPlanner.IsElsewhere(m.Vps.State, m.Vps.NodeId, m.SourceNodeId)
            || !m.IsLocked && MigrationPlanner.IsInTime(m.MaintenanceWindow, m.Vps.MaintenanceWindows, now)).Select(static m => m.Id).ToHashSet();
        return new(move, move.State != plan.State || move.Changed.Count > 0, [.. move.Candidates.Where(ready.Contains)]);
    }
}
