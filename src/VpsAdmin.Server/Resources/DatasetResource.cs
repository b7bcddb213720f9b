using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Resources;

internal static class DatasetResource
{
    private static readonly OutputShape<DatasetView> Shape = new(static d => [d.Row.Id],
    [
        new("id", ParameterType.Integer, "ID", static d => d.Row.Id),
        new("name", ParameterType.String, "Name", static d => d.Row.FullName) { Description = "Full name, below the pool's filesystem" },
        new("parent", ParameterType.Resource, "Parent", static d => d.Row.Parent is { } parent ? new Association([parent.Id], parent.FullName) : null)
        {
            Resource = ["dataset"], ValueLabel = "name",
        },
        new("user", ParameterType.Resource, "User", static d => new Association([d.Row.UserId], d.Row.User.Login)) { Resource = ["user"], ValueLabel = "login" },
        new("environment", ParameterType.Resource, "Environment", static d => Environment(d.Row)) { Resource = ["environment"], ValueLabel = "label" },
        new("current_history_id", ParameterType.Integer, "Current history id", static d => d.Row.CurrentHistoryId)
        {
            Description = "History that new snapshots belong to",
        },
        new("used", ParameterType.Integer, "Used", static d => Mebibytes.Floor(d.Usage?.Used)) { Description = "MiB, with snapshots and datasets below" },
        new("referenced", ParameterType.Integer, "Referenced", static d => Mebibytes.Floor(d.Usage?.Referenced)) { Description = "MiB" },
        new("avail", ParameterType.Integer, "Available", static d => Mebibytes.Floor(d.Usage?.Available)) { Description = "MiB" },
        new("created_at", ParameterType.Datetime, "Created at", static d => d.Row.CreatedAt),
        .. DatasetProperties.Outputs<DatasetView>(static d => d.Properties),
    ]);

    /// <summary>Of a dataset that is being made nothing is known, and asking would keep what is known soon after from being asked for.</summary>
    private static readonly IReadOnlyDictionary<PlacedDataset, Usage> None = new Dictionary<PlacedDataset, Usage>();

    public static ApiResource Declare() => new("dataset", "datasets", "Manage datasets")
    {
        Actions =
        [
            new ApiAction<DatasetView>("index", "GET", "List datasets", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(),
                    new("user", ParameterType.Resource, "User") { Resource = ["user"], ValueLabel = "login", AdminOnly = true },
                    new("dataset", ParameterType.Resource, "Subtree") { Resource = ["dataset"], ValueLabel = "name", Description = "This dataset and those below it" },
                    new("vps", ParameterType.Resource, "VPS") { Resource = ["vps"], ValueLabel = "hostname", Nullable = true, Description = "Root dataset of the VPS and those below it" },
                    new("to_depth", ParameterType.Integer, "To depth") { Min = 0, Description = "Levels below the subtree's root, or below the pool" },
                    new("role", ParameterType.String, "Role") { Choices = PoolResource.Roles, Description = "Only datasets on pools of this role" },
                ],
            },
            new ApiAction<DatasetView>("show", "GET", "Show a dataset", Shape, ShowAsync)
            {
                SubPath = "{dataset_id}", Aliases = ["find"],
            },
            new ApiAction<DatasetView>("create", "POST", "Create a dataset", Shape, CreateAsync)
            {
                Aliases = ["new"], Blocking = true,
                Inputs =
                [
                    new("name", ParameterType.String, "Name") { Required = true, Description = "One component, below the parent" },
                    new("dataset", ParameterType.Resource, "Parent")
                    {
                        Resource = ["dataset"], ValueLabel = "name", Description = "Only administrators make datasets without one",
                    },
                    .. DatasetProperties.Inputs,
                ],
                Examples =
                [
                    new("A dataset below another, with a limit")
                    {
                        Request = new JsonObject { ["name"] = "mail", ["dataset"] = 5, ["quota"] = 10240 },
                        Response = new JsonObject { ["id"] = 6, ["name"] = "101/mail", ["current_history_id"] = 0, ["quota"] = 0 },
                        Comment = "Sizes are in MiB. What is set shows when the action has ended.",
                    },
                ],
            },
            new ApiAction<DatasetView>("update", "PUT", "Set properties of a dataset", Shape, UpdateAsync)
            {
                SubPath = "{dataset_id}", Blocking = true, Inputs = [.. DatasetProperties.Inputs],
            },
            new ApiAction<DatasetView>("delete", "DELETE", "Destroy a dataset with those below it, their snapshots and backups", null, DeleteAsync)
            {
                SubPath = "{dataset_id}", Aliases = ["destroy"], Blocking = true,
            },
            new ApiAction<DatasetView>("inherit", "POST", "Have a dataset inherit properties", null, InheritAsync)
            {
                SubPath = "{dataset_id}/inherit", Blocking = true,
                Inputs = [new("property", ParameterType.String, "Property") { Required = true, Description = "One, or several with commas between" }],
            },
            new ApiAction<DatasetView>("find_by_name", "GET", "Find a dataset by its full name", Shape, FindByNameAsync)
            {
                SubPath = "find_by_name",
                Inputs = [new("name", ParameterType.String, "Name") { Required = true, Description = "Full name, below the pool's filesystem" }],
            },
        ],
        Children = [SnapshotResource.Declare()],
    };

    private static Task<ActionReply<DatasetView>> FindByNameAsync(ActionContext context)
    {
        var name = context.Input.Text("name");
        return OneAsync(context, d => d.FullName == name);
    }

    private static async Task<ActionReply<DatasetView>> UpdateAsync(ActionContext context)
    {
        var set = DatasetProperties.Read(context.Input);
        if (set.Count == 0)
            throw ActionRefusedException.Refused("no property was given");
        var started = await DatasetChange.StartAsync(context, new("update", "Change dataset"), Datasets(context), set, []).ConfigureAwait(false);
        var reply = await ViewAsync(context, new ActionReply<Dataset>([started.Value]), None).ConfigureAwait(false);
        return reply with { ActionStateId = started.ChainId };
    }

    private static async Task<ActionReply<DatasetView>> InheritAsync(ActionContext context)
    {
        var names = context.Input.Text("property")!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
        {
            var known = DatasetProperties.All.FirstOrDefault(p => p.Name == name && (context.Caller.IsAdmin || !p.Parameter.AdminOnly))
                ?? throw ActionRefusedException.Invalid("property", $"there is no property '{name}'");
            if (!known.IsInherited)
                throw ActionRefusedException.Invalid("property", $"property '{name}' is not inherited");
        }
        var started = await DatasetChange.StartAsync(
            context, new("inherit", "Inherit properties"), Datasets(context), new Dictionary<string, JsonNode>(), [.. names.Distinct()]).ConfigureAwait(false);
        return new([], started.ChainId);
    }

    private static async Task<ActionReply<DatasetView>> DeleteAsync(ActionContext context) =>
        new([], (await DatasetDestruction.StartAsync(context, Datasets(context)).ConfigureAwait(false)).ChainId);

    private static IQueryable<Dataset> Datasets(ActionContext context) =>
        context.Database().Datasets.VisibleTo(context.Caller).Include(static d => d.User).Include(static d => d.Parent)
            .Include(static d => d.InPools).ThenInclude(static i => i.Pool).ThenInclude(static p => p.Node).ThenInclude(static n => n.Location).ThenInclude(static l => l!.Environment);

    /// <summary>Of the node where people work in it.</summary>
    private static Association? Environment(Dataset dataset) =>
        dataset.Worked?.Pool.Node.Location is { } location ? EnvironmentResource.Of(location) : null;

    private static async Task<ActionReply<DatasetView>> IndexAsync(ActionContext context)
    {
        var datasets = Datasets(context);
        if (context.Input.Integer("user") is { } user)
            datasets = datasets.Where(d => d.UserId == user);
        var rootDepth = 0L;
        if (context.Input.Integer("dataset") is { } root)
        {
            datasets = await SubtreeAsync(context, datasets, context.Database().Datasets.Where(d => d.Id == root)).ConfigureAwait(false);
            rootDepth = await Datasets(context).Where(d => d.Id == root).Select(static d => d.FullName.Length - d.FullName.Replace("/", "").Length).SingleAsync(context.Cancel).ConfigureAwait(false);
        }
        if (context.Input.Integer("to_depth") + rootDepth is { } depth)
            datasets = datasets.Where(d => d.FullName.Length - d.FullName.Replace("/", "").Length <= depth);
        if (context.Input.Integer("vps") is { } vps)
            datasets = await SubtreeAsync(context, datasets, context.Database().Vpses.Where(v => v.Id == vps).Select(static v => v.Dataset!)).ConfigureAwait(false);
        // Those that are more than a backup. As a value of each dataset that is looked at: of "is there any" PostgreSQL makes a join, which reads the pools of all datasets before the page.
        datasets = context.Input.Text("role") is { } name && (PoolRole)PoolResource.Roles.ToList().IndexOf(name) is var role
            ? datasets.Where(d => d.InPools.Any(i => i.Pool.Role == role))
            : datasets.Where(static d => d.InPools.Min(static i => (int?)i.Pool.Role) < (int)PoolRole.Backup);
        return await ViewAsync(context, await context.ListAsync(datasets, static d => d.OrderBy(static d => d.FullName)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Task<ActionReply<DatasetView>> ShowAsync(ActionContext context)
    {
        var id = context.PathIds[0];
        return OneAsync(context, d => d.Id == id);
    }

    private static async Task<ActionReply<DatasetView>> OneAsync(ActionContext context, Expression<Func<Dataset, bool>> which) =>
        await ViewAsync(context, await context.ShowAsync(Datasets(context).Where(which)).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task<ActionReply<DatasetView>> ViewAsync(ActionContext context, ActionReply<Dataset> reply)
    {
        var pools = reply.Items.Select(static d => d.Worked?.PoolId).OfType<long>().ToHashSet();
        var usage = pools.Count == 0 ? None : await context.Services.GetRequiredService<DatasetUsage>().GetAsync(pools, context.Cancel).ConfigureAwait(false);
        return await ViewAsync(context, reply, usage).ConfigureAwait(false);
    }

    private static async Task<ActionReply<DatasetView>> ViewAsync(ActionContext context, ActionReply<Dataset> reply, IReadOnlyDictionary<PlacedDataset, Usage> usage)
    {
        // Properties come down from datasets above, which need not be in the list.
        var above = reply.Items.SelectMany(static d => Above(d.FullName)).Distinct().ToList();
        var known = above.Count == 0 ? [] : await context.Database().Datasets.AsNoTracking().Where(d => above.Contains(d.FullName)).ToDictionaryAsync(static d => d.FullName, context.Cancel).ConfigureAwait(false);
        return reply.Select(d => new DatasetView(
            d, d.Worked is { } place ? usage.GetValueOrDefault(new(place.PoolId, d.FullName)) : null,
            DatasetProperties.Effective([d, .. Above(d.FullName).Select(known.GetValueOrDefault).OfType<Dataset>()])));
    }

    /// <summary>Names of the datasets above, nearest first.</summary>
    private static IEnumerable<string> Above(string name)
    {
        for (var slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
            yield return name[..slash];
    }

    // As a range, which the names' index has, and not by prefix: SQLite's LIKE would ignore case, and names differ by it. '0' is next to '/'.
    private static async Task<IQueryable<Dataset>> SubtreeAsync(ActionContext context, IQueryable<Dataset> datasets, IQueryable<Dataset> root)
    {
        var name = await root.VisibleTo(context.Caller).Select(static d => d.FullName).SingleOrDefaultAsync(context.Cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.NotFound();
        var (first, behind) = (name + "/", name + "0");
        return datasets.Where(d => d.FullName == name || (string.Compare(d.FullName, first) >= 0 && string.Compare(d.FullName, behind) < 0));
    }

    private static async Task<ActionReply<DatasetView>> CreateAsync(ActionContext context)
    {
        var db = context.Database();
        var now = context.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var started = await context.Services.GetRequiredService<ChainStarter>().StartAsync(new("create", "Create dataset"), context.Caller.UserId, async chain =>
        {
            var parent = await ParentAsync(context, chain).ConfigureAwait(false);
            var dataset = new Dataset
            {
                FullName = DatasetCreation.FullName(parent, context.Input.Text("name")!),
                User = parent?.User ?? await db.Users.SingleAsync(u => u.Id == context.Caller.UserId, context.Cancel).ConfigureAwait(false),
                Parent = parent,
                CreatedAt = now,
            };
            var properties = DatasetProperties.Read(context.Input);
            long? quota = context.Input.Integer("quota") is > 0 and var limit ? limit : null;
            if (quota is not null)
                dataset.LocalProperties = JsonSerializer.Serialize(new Dictionary<string, long> { ["quota"] = quota.Value });
            var pool = parent?.Worked.Pool ?? await DatasetCreation.PoolAsync(db, nodeId: null, context.Cancel).ConfigureAwait(false);
            DatasetProperties.RequireRefquota(pool, properties);
            await DatasetCreation.AppendAsync(db, chain, pool, dataset, quota, context.Cancel).ConfigureAwait(false);
            chain.Concern<Dataset>(dataset.Id);
            var others = properties.Where(static p => p.Key != "quota").ToDictionary();
            if (others.Count > 0)
                DatasetChange.Append(chain, dataset.InPools[0], dataset, others, []);
            return dataset;
        }, context.Cancel).ConfigureAwait(false);
        var reply = await ViewAsync(context, new ActionReply<Dataset>([started.Value]), None).ConfigureAwait(false);
        return reply with { ActionStateId = started.ChainId };
    }

    // A parent that is being made, or exported or snapshotted, belongs to that chain until it ends. Who may not see it learns nothing of
    // the names below it: this comes before the name is looked at.
    private static async Task<Dataset?> ParentAsync(ActionContext context, ChainBuilder chain)
    {
        if (context.Input.Integer("dataset") is not { } id)
            return context.Caller.IsAdmin ? null : throw ActionRefusedException.Invalid("dataset", "is required");
        var parent = await Datasets(context).Include(static d => d.InPools).ThenInclude(static i => i.Pool)
            .SingleOrDefaultAsync(d => d.Id == id, context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        foreach (var inPool in parent.InPools)
            await chain.LockAsync<DatasetInPool>(inPool.Id, context.Cancel).ConfigureAwait(false);
        return parent;
    }

    /// <param name="Usage">Null when nobody knows.</param>
    /// <param name="Properties">Those that are set, here or above.</param>
    private sealed record DatasetView(Dataset Row, Usage? Usage, IReadOnlyDictionary<string, JsonNode> Properties);
}
