using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Migrating;

namespace VpsAdmin.Server.Resources;

/// <summary>Plans to move VPSes (spec 1.7).</summary>
internal static class MigrationPlanResource
{
    private const int DefaultConcurrency = 10;

    /// <summary>Values of <c>state</c>, in the order of <see cref="MigrationPlanState"/>.</summary>
    private static readonly IReadOnlyList<string> States = [.. Enum.GetNames<MigrationPlanState>().Select(static s => s.ToLowerInvariant())];

    private static readonly OutputShape<MigrationPlan> Shape = new(static p => [p.Id],
    [
        new("id", ParameterType.Integer, "ID", static p => p.Id),
        new("state", ParameterType.String, "State", static p => States[(int)p.State]),
        new("stop_on_error", ParameterType.Boolean, "Stop on error", static p => p.StopOnError),
        new("send_mail", ParameterType.Boolean, "Send mail", static p => p.SendMail),
        new("concurrency", ParameterType.Integer, "Concurrency", static p => p.Concurrency) { Description = "Migrations that go on at once" },
        new("reason", ParameterType.Text, "Reason", static p => p.Reason),
        new("user", ParameterType.Resource, "User", static p => new Association([p.UserId], p.User.Login)) { Resource = ["user"], ValueLabel = "login" },
        new("created_at", ParameterType.Datetime, "Created at", static p => p.CreatedAt),
        new("finished_at", ParameterType.Datetime, "Finished at", static p => p.FinishedAt),
    ]);

    public static ApiResource Declare() => new("migration_plan", "migration_plans", "VPSes that move to other nodes together")
    {
        Actions =
        [
            new ApiAction<MigrationPlan>("index", "GET", "List migration plans", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true, AdminOnly = true,
                Inputs =
                [
                    .. Paging.Inputs(),
                    new("state", ParameterType.String, "State") { Choices = States },
                    new("user", ParameterType.Resource, "User") { Resource = ["user"], ValueLabel = "login" },
                ],
            },
            new ApiAction<MigrationPlan>("show", "GET", "Show a migration plan", Shape,
                static context => context.ShowAsync(Plans(context).Where(p => p.Id == context.PathIds[0])))
            {
                SubPath = "{migration_plan_id}", Aliases = ["find"], AdminOnly = true,
            },
            new ApiAction<MigrationPlan>("create", "POST", "Make a migration plan", Shape, CreateAsync)
            {
                Aliases = ["new"], AdminOnly = true,
                Inputs =
                [
                    new("stop_on_error", ParameterType.Boolean, "Stop on error") { Default = true },
                    new("send_mail", ParameterType.Boolean, "Send mail") { Default = true },
                    new("concurrency", ParameterType.Integer, "Concurrency") { Default = DefaultConcurrency, Min = 1, Max = 1000 },
                    new("reason", ParameterType.Text, "Reason") { Nullable = true },
                ],
            },
            new ApiAction<MigrationPlan>("start", "POST", "Start a migration plan", Shape, StartAsync)
            {
                SubPath = "{migration_plan_id}/start", AdminOnly = true,
            },
            new ApiAction<MigrationPlan>("cancel", "POST", "Cancel a migration plan: what has begun goes on to its end", Shape, CancelAsync)
            {
                SubPath = "{migration_plan_id}/cancel", AdminOnly = true,
            },
            new ApiAction<MigrationPlan>("delete", "DELETE", "Delete a migration plan that was not started", null, DeleteAsync)
            {
                SubPath = "{migration_plan_id}", Aliases = ["destroy"], AdminOnly = true,
            },
        ],
        Children = [VpsMigrationResource.Declare()],
    };

    private static IQueryable<MigrationPlan> Plans(ActionContext context) => context.Database().MigrationPlans.Include(static p => p.User);

    private static Task<ActionReply<MigrationPlan>> IndexAsync(ActionContext context)
    {
        var plans = Plans(context);
        if (context.Input.Text("state") is { } name && (MigrationPlanState)States.ToList().IndexOf(name) is var state)
            plans = plans.Where(p => p.State == state);
        if (context.Input.Integer("user") is { } user)
            plans = plans.Where(p => p.UserId == user);
        return context.ListAsync(plans, static p => p.OrderBy(static p => p.CreatedAt).ThenBy(static p => p.Id));
    }

    private static async Task<ActionReply<MigrationPlan>> CreateAsync(ActionContext context)
    {
        var db = context.Database();
        var plan = new MigrationPlan
        {
            User = await db.Users.SingleAsync(u => u.Id == context.Caller.UserId, context.Cancel).ConfigureAwait(false),
            StopOnError = context.Input.Boolean("stop_on_error")!.Value,
            SendMail = context.Input.Boolean("send_mail")!.Value,
            Concurrency = (int)context.Input.Integer("concurrency")!.Value,
            Reason = context.Input.Text("reason"),
            CreatedAt = context.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
        };
        db.MigrationPlans.Add(plan);
        await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([plan]);
    }

    private static async Task<ActionReply<MigrationPlan>> StartAsync(ActionContext context) =>
        new([await context.Services.GetRequiredService<MigrationPlanRun>().StartAsync(context.PathIds[0], context.Cancel).ConfigureAwait(false)]);

    private static async Task<ActionReply<MigrationPlan>> CancelAsync(ActionContext context) =>
        new([await context.Services.GetRequiredService<MigrationPlanRun>().CancelAsync(context.PathIds[0], context.Cancel).ConfigureAwait(false)]);

    private static async Task<ActionReply<MigrationPlan>> DeleteAsync(ActionContext context)
    {
        var db = context.Database();
        // One writer at a time: nobody starts it between the look and the end.
        var databaseTransaction = await db.BeginWritingAsync(context.Cancel).ConfigureAwait(false);
        await using var _ = databaseTransaction.ConfigureAwait(false);
        var plan = await Plans(context).SingleOrDefaultAsync(p => p.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        if (plan.State is not MigrationPlanState.Staged)
            throw ActionRefusedException.Refused("This migration plan is not in the staging phase anymore");
        db.MigrationPlans.Remove(plan);
        await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        await databaseTransaction.CommitAsync(context.Cancel).ConfigureAwait(false);
        return new([]);
    }
}
