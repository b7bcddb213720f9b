using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Migrating;

/// <summary>Starts, cancels and carries on migration plans (spec 1.7). All that it knows is in the database, so a plan survives the server.</summary>
public sealed class MigrationPlanRun(VpsAdminDb db, VpsMove moves, MigrationMail mail, ChainSignals signals, TimeProvider time, ILogger<MigrationPlanRun> log)
{
    /// <exception cref="ActionRefusedException">There is no such plan, or it was started before.</exception>
    public async Task<MigrationPlan> StartAsync(long planId, CancellationToken cancel)
    {
        await using (var transaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false))
        {
            var plan = await FindAsync(planId, cancel).ConfigureAwait(false);
            if (plan.State is not MigrationPlanState.Staged)
                throw ActionRefusedException.Refused("This migration plan has already been started");
            plan.State = MigrationPlanState.Running;
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
        }
        await mail.TellPlannedAsync(planId, cancel).ConfigureAwait(false);
        await ContinueAsync(planId, cancel).ConfigureAwait(false);
        return await FindAsync(planId, cancel).ConfigureAwait(false);
    }

    /// <summary>What has begun goes on to its end; the others stay where they are.</summary>
    /// <exception cref="ActionRefusedException">There is no such plan, or it does not run.</exception>
    public async Task<MigrationPlan> CancelAsync(long planId, CancellationToken cancel)
    {
        await using (var transaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false))
        {
            var plan = await FindAsync(planId, cancel).ConfigureAwait(false);
            if (plan.State is not MigrationPlanState.Running)
                throw ActionRefusedException.Refused("This migration plan is not running");
            plan.State = MigrationPlanState.Cancelling;
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
        }
        await ContinueAsync(planId, cancel).ConfigureAwait(false);
        return await FindAsync(planId, cancel).ConfigureAwait(false);
    }

    /// <summary>Closes what has ended, and starts what may begin. It can be called at any time, and any number of times: other writers are kept out only where something is to be done.</summary>
    public async Task ContinueAsync(long planId, CancellationToken cancel)
    {
        var (started, closed) = (false, true);
        // Each move that is refused for good makes room for another.
        while (closed)
        {
            (var begun, closed) = await StepAsync(planId, cancel).ConfigureAwait(false);
            started |= begun;
        }
        if (!started)
            return;
        // Whoever carries the plan on follows the new chains, too.
        signals.Changed(null);
        signals.Tell(signals.News(ChainNewsKind.Changed));
    }

    private async Task<(bool Started, bool Closed)> StepAsync(long planId, CancellationToken cancel)
    {
        var look = await MigrationPlanLook.TakeAsync(db, planId, time.GetUtcNow(), cancel).ConfigureAwait(false);
        if (look.IsChanged)
            await SaveMoveAsync(planId, cancel).ConfigureAwait(false);
        var (started, closed, free) = (false, false, look.Move.Free);
        foreach (var id in look.Ready.TakeWhile(_ => free > 0))
        {
            switch (await BeginAsync(id, cancel).ConfigureAwait(false))
            {
                case VpsMigrationState.Running:
                    (started, free) = (true, free - 1);
                    break;
                case VpsMigrationState.Cancelled or VpsMigrationState.Error:
                    closed = true;
                    break;
            }
        }
        return (started, closed);
    }

    private async Task SaveMoveAsync(long planId, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        var plan = await db.MigrationPlans.Include(static p => p.Migrations).ThenInclude(static m => m.Chain).SingleAsync(p => p.Id == planId, cancel).ConfigureAwait(false);
        var migrations = plan.Migrations.OrderBy(static m => m.CreatedAt).ThenBy(static m => m.Id).ToList();
        var move = MigrationPlanner.Plan(plan.State, plan.StopOnError, plan.Concurrency, migrations.ConvertAll(static m => new PlannedMigration(m.Id, m.State, m.Chain?.State)));
        var now = time.GetUtcNow();
        foreach (var migration in migrations)
        {
            if (!move.Changed.TryGetValue(migration.Id, out var state))
                continue;
            (migration.State, migration.FinishedAt) = (state, now);
            log.LogInformation("Migration {Migration} of plan {Plan} (VPS {Vps}) ended: {State}", migration.Id, planId, migration.VpsId, state);
        }
        var changed = plan.State != move.State || move.Changed.Count > 0;
        if (plan.State != move.State)
            (plan.State, plan.FinishedAt) = (move.State, MigrationPlanner.IsFinished(move.State) ? now : null);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        if (changed)
            await db.TellServersAsync([signals.News(ChainNewsKind.Changed)], cancel).ConfigureAwait(false);
        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        if (changed)
            signals.Changed(null);
    }

    /// <returns>Running, or why it does not: cancelled or error for good, queued when it is left for later.</returns>
    private async Task<VpsMigrationState> BeginAsync(long migrationId, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        var migration = await db.VpsMigrations.Include(static m => m.Plan).Include(static m => m.Vps).SingleAsync(m => m.Id == migrationId, cancel).ConfigureAwait(false);
        if (migration.State is not VpsMigrationState.Queued)
            return VpsMigrationState.Queued;
        if (MigrationPlanner.IsElsewhere(migration.Vps.State, migration.Vps.NodeId, migration.SourceNodeId))
            return await CloseAsync(migration, VpsMigrationState.Cancelled, "the VPS is gone or moved elsewhere", cancel).ConfigureAwait(false);
        if (!MigrationPlanner.IsInTime(migration.MaintenanceWindow, migration.Vps.MaintenanceWindows, time.GetUtcNow()))
            return VpsMigrationState.Queued;
        try
        {
            var request = new VpsMoveRequest(migration.VpsId, migration.TargetNodeId, migration.CleanupData) { SendMail = migration.Plan.SendMail, Reason = migration.Plan.Reason };
            await moves.StartAsync(request, migration.Plan.UserId, cancel, async chain =>
            {
                // In the same database transaction as the chain: a server that dies knows of both or of neither. Another round may have been faster.
                await db.Entry(migration).ReloadAsync(cancel).ConfigureAwait(false);
                await db.Entry(migration.Plan).ReloadAsync(cancel).ConfigureAwait(false);
                if (migration.State is not VpsMigrationState.Queued || migration.Plan.State is not MigrationPlanState.Running || !await HasRoomAsync(migration.Plan, cancel).ConfigureAwait(false))
                    throw ActionRefusedException.Locked(migration.ChainId ?? 0, "Migrate VPS");
                (migration.State, migration.ChainId, migration.StartedAt) = (VpsMigrationState.Running, chain.ChainId, time.GetUtcNow());
                await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            }).ConfigureAwait(false);
            return VpsMigrationState.Running;
        }
        catch (ActionRefusedException e)
        {
            db.ChangeTracker.Clear();
            if (e.HttpStatus == StatusCodes.Status423Locked)
                return VpsMigrationState.Queued;
            migration = await db.VpsMigrations.SingleAsync(m => m.Id == migrationId, cancel).ConfigureAwait(false);
            if (migration.State is not VpsMigrationState.Queued)
                return VpsMigrationState.Queued;
            return await CloseAsync(migration, VpsMigrationState.Error, e.Errors.Count > 0 ? string.Join("; ", e.Errors.Select(static p => $"{p.Key} {p.Value[0]}")) : e.Message, cancel).ConfigureAwait(false);
        }
    }

    private async Task<bool> HasRoomAsync(MigrationPlan plan, CancellationToken cancel) =>
        await db.VpsMigrations.CountAsync(m => m.PlanId == plan.Id && m.State == VpsMigrationState.Running, cancel).ConfigureAwait(false) < plan.Concurrency;

    private async Task<VpsMigrationState> CloseAsync(VpsMigration migration, VpsMigrationState state, string reason, CancellationToken cancel)
    {
        log.LogWarning("Migration {Migration} of VPS {Vps} does not begin: {Reason}", migration.Id, migration.VpsId, reason);
        (migration.State, migration.FinishedAt) = (state, time.GetUtcNow());
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return state;
    }

    private async Task<MigrationPlan> FindAsync(long planId, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        return await db.MigrationPlans.Include(static p => p.User).SingleOrDefaultAsync(p => p.Id == planId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
    }
}
