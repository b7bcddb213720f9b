using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Resources;

internal static class SnapshotResource
{
    private const int LongestLabel = 255;

    private static readonly OutputShape<Snapshot> Shape = new(static s => [s.DatasetId, s.Id],
    [
        new("id", ParameterType.Integer, "ID", static s => s.Id),
        new("dataset", ParameterType.Resource, "Dataset", static s => new Association([s.DatasetId], s.Dataset.FullName))
        {
            Resource = ["dataset"], ValueLabel = "name",
        },
        new("name", ParameterType.String, "Name", static s => s.Name) { Description = "UTC time of the snapshot; provisional while it is being taken" },
        new("label", ParameterType.String, "Label", static s => s.Label),
        new("created_at", ParameterType.Datetime, "Created at", static s => s.CreatedAt),
        new("history_id", ParameterType.Integer, "History id", static s => s.HistoryId)
        {
            Description = "Snapshots of one history can be endpoints of an incremental stream",
        },
    ]);

    public static ApiResource Declare() => new("snapshot", "snapshots", "Manage snapshots of a dataset")
    {
        Actions =
        [
            new ApiAction<Snapshot>("index", "GET", "List snapshots", Shape,
                static context => context.ListAsync(Snapshots(context), static s => s.OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id)))
            {
                Aliases = ["list"], ReturnsList = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<Snapshot>("show", "GET", "Show a snapshot", Shape,
                static context => context.ShowAsync(Snapshots(context).Where(s => s.Id == context.PathIds[1])))
            {
                SubPath = "{snapshot_id}", Aliases = ["find"],
            },
            new ApiAction<Snapshot>("create", "POST", "Take a snapshot", Shape, CreateAsync)
            {
                Aliases = ["new"], Blocking = true,
                Inputs = [new("label", ParameterType.String, "Label") { Nullable = true, Description = "Note for people" }],
                Examples =
                [
                    new("Take a snapshot before an upgrade")
                    {
                        PathIds = [5], Request = new JsonObject { ["label"] = "before the upgrade" },
                        Response = new JsonObject { ["id"] = 71, ["name"] = "2026-06-13T23:00:01 (unconfirmed)", ["label"] = "before the upgrade", ["created_at"] = "2026-06-13T23:00:01Z", ["history_id"] = 0 },
                        Comment = "Its name is final when the action that _meta.action_state_id names has ended.",
                    },
                ],
            },
            new ApiAction<Snapshot>("delete", "DELETE", "Destroy a snapshot", null, DeleteAsync)
            {
                SubPath = "{snapshot_id}", Aliases = ["destroy"], Blocking = true,
            },
            new ApiAction<Snapshot>("rollback", "POST", "Take the dataset back to a snapshot; what was written since is lost", null, RollbackAsync)
            {
                SubPath = "{snapshot_id}/rollback", Blocking = true,
                Examples = [new("Go back to a snapshot") { PathIds = [5, 71], Comment = "Where backups have what is newer, the dataset goes on under a new history_id." }],
            },
        ],
    };

    private static IQueryable<Snapshot> Snapshots(ActionContext context) => context.Database().Snapshots.VisibleTo(context.Caller)
        .Where(s => s.DatasetId == context.PathIds[0]).Include(static s => s.Dataset);

    private static async Task<ActionReply<Snapshot>> CreateAsync(ActionContext context)
    {
        var db = context.Database();
        if (context.Input.Text("label") is { Length: > LongestLabel })
            throw ActionRefusedException.Invalid("label", $"length must be at most {LongestLabel}");
        var now = context.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var started = await context.Services.GetRequiredService<ChainStarter>().StartAsync(new("snapshot", "Snapshot"), context.Caller.UserId, context.PathIds[0], async chain =>
        {
            var dataset = await db.Datasets.VisibleTo(context.Caller).Include(static d => d.InPools).ThenInclude(static i => i.Pool)
                .SingleOrDefaultAsync(d => d.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            var most = dataset.InPools.Max(static i => i.MaxSnapshots);
            if (await db.Snapshots.CountAsync(s => s.DatasetId == dataset.Id, context.Cancel).ConfigureAwait(false) >= most)
                throw ActionRefusedException.Refused($"cannot make more than {most} snapshots");
            return await AppendAsync(context, chain, dataset, now).ConfigureAwait(false);
        }, context.Cancel).ConfigureAwait(false);
        return new([started.Value], started.ChainId);
    }

    private static async Task<Snapshot> AppendAsync(ActionContext context, ChainBuilder chain, Dataset dataset, DateTimeOffset now)
    {
        var db = context.Database();
        var inPool = dataset.Worked;
        await chain.LockAsync<DatasetInPool>(inPool.Id, context.Cancel).ConfigureAwait(false);
        var snapshot = GroupSnapshots.Provisional(dataset, now, context.Input.Text("label"));
        var copy = new SnapshotInPool { Snapshot = snapshot, DatasetInPool = inPool };
        db.SnapshotInPools.Add(copy);
        await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        await chain.LockAsync<SnapshotInPool>(copy.Id, context.Cancel).ConfigureAwait(false);
        chain.Concern<Snapshot>(snapshot.Id);

        var input = JsonSerializer.SerializeToNode(new CreateSnapshotInput(inPool.Pool.Filesystem, dataset.FullName), NodeJson.Default.CreateSnapshotInput)!;
        chain.Append(inPool.Pool.NodeId, TransactionType.CreateSnapshot, input, subjectId: snapshot.Id).Create(snapshot).Create(copy);
        return snapshot;
    }

    private static async Task<ActionReply<Snapshot>> DeleteAsync(ActionContext context)
    {
        var started = await context.Services.GetRequiredService<ChainStarter>().StartAsync(new("destroy", "Destroy snapshot"), context.Caller.UserId, context.PathIds[0], async chain =>
        {
            var snapshot = await Snapshots(context)
                .Include(static s => s.InPools).ThenInclude(static c => c.DatasetInPool).ThenInclude(static i => i.Pool)
                .SingleOrDefaultAsync(s => s.Id == context.PathIds[1], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            if (snapshot.InPools.Exists(static c => c.ReferenceCount > 0))
                throw ActionRefusedException.Refused("this snapshot cannot be destroyed as others are depending on it");
            if (await context.Database().DatasetInPools.AnyAsync(i => i.DatasetId == snapshot.DatasetId && i.Pool.Role == PoolRole.Backup, context.Cancel).ConfigureAwait(false))
                throw ActionRefusedException.Refused("cannot destroy snapshot with backups");
            chain.Concern<Snapshot>(snapshot.Id);
            await AppendDestructionAsync(chain, snapshot, context.Cancel).ConfigureAwait(false);
            return snapshot.Id;
        }, context.Cancel).ConfigureAwait(false);
        return new([], started.ChainId);
    }

    private static async Task<ActionReply<Snapshot>> RollbackAsync(ActionContext context)
    {
        var started = await context.Services.GetRequiredService<SnapshotRollback>()
            .StartAsync(Snapshots(context), context.PathIds[1], context.Caller.UserId, context.Cancel).ConfigureAwait(false);
        return new([], started.ChainId);
    }

    private static async Task AppendDestructionAsync(ChainBuilder chain, Snapshot snapshot, CancellationToken cancel)
    {
        PlannedTransaction? last = null;
        foreach (var copy in snapshot.InPools)
        {
            await chain.LockAsync<SnapshotInPool>(copy.Id, cancel).ConfigureAwait(false);
            await chain.LockAsync<DatasetInPool>(copy.DatasetInPoolId, cancel).ConfigureAwait(false);
            var pool = copy.DatasetInPool.Pool;
            var input = new DestroySnapshotInput(pool.Filesystem, snapshot.Dataset.FullName, snapshot.Name);
            last = chain.Append(pool.NodeId, TransactionType.DestroySnapshot, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroySnapshotInput)!)
                .Destroy(copy);
        }
        last?.Destroy(snapshot);
    }
}
