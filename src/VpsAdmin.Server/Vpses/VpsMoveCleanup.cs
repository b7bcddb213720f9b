using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>
/// What a VPS that has moved leaves behind goes by a chain of its own, so that a node that is away, which may be why it was left, keeps the VPS from nothing
/// but coming back.
/// </summary>
internal sealed class VpsMoveCleanup : IChainEnd
{
    private static readonly ChainTitle Title = new("migrate_cleanup", "Clean up after migration");

    /// <summary>Has the datasets destroyed when the move has succeeded; the chain concerns them.</summary>
    public static void Plan(ChainBuilder move, IEnumerable<DatasetInPool> left)
    {
        foreach (var inPool in left)
            move.Concern<DatasetInPool>(inPool.Id);
    }

    /// <summary>Work that still waits there would destroy what comes anew.</summary>
    /// <exception cref="ActionRefusedException">The node has not cleaned up after the VPS yet: 423.</exception>
    public static async Task RequireDoneAsync(VpsAdminDb db, long vpsId, long nodeId, CancellationToken cancel)
    {
        var pending = await db.TransactionChains
            .Where(c => c.Name == Title.Name && (c.State == ChainState.Queued || c.State == ChainState.Rollbacking) && c.Transactions.Any(t => t.NodeId == nodeId))
            .Where(c => c.Concerns.Any(o => o.ClassName == nameof(Vps) && o.RowId == vpsId))
            .Select(static c => (long?)c.Id).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (pending is { } id)
            throw ActionRefusedException.Locked(id, Title.Label);
    }

    public async Task EndingAsync(VpsAdminDb db, ChainEnding ending, CancellationToken cancel)
    {
        if (ending.Chain is not { Name: VpsMove.Name, State: ChainState.Done } move)
            return;
        var concerns = await db.ChainConcerns.AsNoTracking().Where(c => c.ChainId == move.Id).ToListAsync(cancel).ConfigureAwait(false);
        var ids = Concerned<DatasetInPool>(concerns);
        var left = await db.DatasetInPools.AsNoTracking().Include(static i => i.Dataset).Include(static i => i.Pool).Where(i => ids.Contains(i.Id)).ToListAsync(cancel).ConfigureAwait(false);
        var stop = move.Transactions.Find(static t => t.Type is TransactionType.StopVps);
        if (stop is null && left.Count == 0)
            return;
        await ending.StartAsync(Title, move.UserId, chain =>
        {
            foreach (var vps in Concerned<Vps>(concerns))
                chain.Concern<Vps>(vps);
            if (stop is not null)
                VpsWork.Destroy(chain, new(stop.NodeId, PlaceOf(stop))).KeepGoing();
            foreach (var inPool in left.OrderByDescending(static i => i.Dataset.FullName, StringComparer.Ordinal))
            {
                var input = new DestroyDatasetInput(inPool.Pool.Filesystem, inPool.Dataset.FullName);
                chain.Append(inPool.Pool.NodeId, TransactionType.DestroyDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroyDatasetInput)!).KeepGoing();
            }
            return Task.CompletedTask;
        }, cancel).ConfigureAwait(false);
    }

    private static List<long> Concerned<T>(List<ChainConcern> concerns) => [.. concerns.Where(static c => c.ClassName == typeof(T).Name).Select(static c => c.RowId)];

    /// <summary>Where it stood still.</summary>
    private static VpsPlace PlaceOf(Transaction stop) => JsonSerializer.Deserialize(stop.Input, NodeJson.Default.RunVpsInput)!.Place;
}
