using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Resources;

/// <summary>The VPSes of a migration plan.</summary>
internal static class VpsMigrationResource
{
    /// <summary>Values of <c>state</c>, in the order of <see cref="VpsMigrationState"/>.</summary>
    private static readonly IReadOnlyList<string> States = [.. Enum.GetNames<VpsMigrationState>().Select(static s => s.ToLowerInvariant())];

    private static readonly OutputShape<VpsMigration> Shape = new(static m => [m.PlanId, m.Id],
    [
        new("id", ParameterType.Integer, "ID", static m => m.Id),
        new("state", ParameterType.String, "State", static m => States[(int)m.State]),
        new("transaction_chain", ParameterType.Resource, "Transaction chain", static m => m.Chain is { } chain ? new Association([chain.Id], chain.Label) : null)
        {
            Resource = ["transaction_chain"], ValueLabel = "label",
        },
        new("src_node", ParameterType.Resource, "Source node", static m => new Association([m.SourceNodeId], m.SourceNode.DomainName)) { Resource = ["node"], ValueLabel = "domain_name" },
        new("vps", ParameterType.Resource, "VPS", static m => new Association([m.VpsId], m.Vps.Hostname)) { Resource = ["vps"], ValueLabel = "hostname" },
        new("dst_node", ParameterType.Resource, "Target node", static m => new Association([m.TargetNodeId], m.TargetNode.DomainName)) { Resource = ["node"], ValueLabel = "domain_name" },
        new("maintenance_window", ParameterType.Boolean, "Maintenance window", static m => m.MaintenanceWindow),
        new("cleanup_data", ParameterType.Boolean, "Clean up data", static m => m.CleanupData),
        new("created_at", ParameterType.Datetime, "Created at", static m => m.CreatedAt),
        new("started_at", ParameterType.Datetime, "Started at", static m => m.StartedAt),
        new("finished_at", ParameterType.Datetime, "Finished at", static m => m.FinishedAt),
    ]);

    public static ApiResource Declare() => new("vps_migration", "vps_migrations", "VPSes of a migration plan")
    {
        Actions =
        [
            new ApiAction<VpsMigration>("index", "GET", "List migrations of a plan", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true, AdminOnly = true,
                Inputs =
                [
                    .. Paging.Inputs(),
                    new("state", ParameterType.String, "State") { Choices = States },
                    Node("src_node", "Source node"), Node("dst_node", "Target node"),
                ],
            },
            new ApiAction<VpsMigration>("show", "GET", "Show a migration", Shape,
                static context => context.ShowAsync(Migrations(context).Where(m => m.Id == context.PathIds[1])))
            {
                SubPath = "{vps_migration_id}", Aliases = ["find"], AdminOnly = true,
            },
            new ApiAction<VpsMigration>("create", "POST", "Add a VPS to a plan", Shape, CreateAsync)
            {
                Aliases = ["new"], AdminOnly = true,
                Inputs =
                [
                    new("vps", ParameterType.Resource, "VPS") { Resource = ["vps"], ValueLabel = "hostname", Required = true },
                    Node("dst_node", "Target node") with { Required = true },
                    .. Windows("Move within the owner's maintenance window"),
                    new("cleanup_data", ParameterType.Boolean, "Clean up data") { Default = true, Description = "Destroy the datasets on the source node afterwards" },
                ],
            },
        ],
    };

    /// <summary>Whether the owner's windows are heeded. Its name was another until 2020; clients of that age send it, and switched it off in vain since (BUG-11).</summary>
    internal static IReadOnlyList<InputParameter> Windows(string description) =>
    [
        new("outage_window", ParameterType.Boolean, "Outage window") { Description = "Old name of maintenance_window, heeded when that is not given" },
        new("maintenance_window", ParameterType.Boolean, "Maintenance window") { Description = $"{description}; true if neither name is given" },
    ];

    internal static bool WantsWindow(InputValues input) => input.Boolean("maintenance_window") ?? input.Boolean("outage_window") ?? true;

    private static InputParameter Node(string name, string label) => new(name, ParameterType.Resource, label) { Resource = ["node"], ValueLabel = "domain_name" };

    private static IQueryable<VpsMigration> Migrations(ActionContext context) => context.Database().VpsMigrations.Where(m => m.PlanId == context.PathIds[0])
        .Include(static m => m.Vps).Include(static m => m.SourceNode).Include(static m => m.TargetNode).Include(static m => m.Chain);

    private static Task<ActionReply<VpsMigration>> IndexAsync(ActionContext context)
    {
        var migrations = Migrations(context);
        if (context.Input.Text("state") is { } name && (VpsMigrationState)States.ToList().IndexOf(name) is var state)
            migrations = migrations.Where(m => m.State == state);
        if (context.Input.Integer("src_node") is { } source)
            migrations = migrations.Where(m => m.SourceNodeId == source);
        if (context.Input.Integer("dst_node") is { } target)
            migrations = migrations.Where(m => m.TargetNodeId == target);
        return context.ListAsync(migrations, static m => m.OrderBy(static m => m.CreatedAt).ThenBy(static m => m.Id));
    }

    private static async Task<ActionReply<VpsMigration>> CreateAsync(ActionContext context)
    {
        var (db, cancel) = (context.Database(), context.Cancel);
        // One writer at a time: what is checked still holds when the row is saved.
        var databaseTransaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = databaseTransaction.ConfigureAwait(false);
        var plan = await db.MigrationPlans.SingleOrDefaultAsync(p => p.Id == context.PathIds[0], cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        if (plan.State is not MigrationPlanState.Staged)
            throw ActionRefusedException.Refused("This migration plans has already been started.");
        var vpsId = context.Input.Integer("vps");
        var vps = await db.Vpses.Include(static v => v.Node).SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Invalid("vps", "resource not found");
        var nodeId = context.Input.Integer("dst_node");
        var node = await db.Nodes.SingleOrDefaultAsync(n => n.Id == nodeId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Invalid("dst_node", "resource not found");
        // What can be known now is not found out when the plan has begun, and the others stop because of it.
        await VpsMove.RequireTargetAsync(db, vps, node.Id, cancel, "dst_node").ConfigureAwait(false);
        // Any plan that is not at its end, not only a running one (BUG-32).
        if (await db.VpsMigrations.AnyAsync(m => m.VpsId == vps.Id && m.Plan.FinishedAt == null && (m.State == VpsMigrationState.Queued || m.State == VpsMigrationState.Running), cancel).ConfigureAwait(false))
            throw new ActionRefusedException(StatusCodes.Status200OK, "create failed", new Dictionary<string, IReadOnlyList<string>> { ["vps"] = ["is already in a migration plan"] });

        var migration = new VpsMigration
        {
            Plan = plan, Vps = vps, SourceNode = vps.Node, TargetNode = node,
            MaintenanceWindow = WantsWindow(context.Input),
            CleanupData = context.Input.Boolean("cleanup_data")!.Value,
            CreatedAt = context.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
        };
        db.VpsMigrations.Add(migration);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await databaseTransaction.CommitAsync(cancel).ConfigureAwait(false);
        return new([migration]);
    }
}
