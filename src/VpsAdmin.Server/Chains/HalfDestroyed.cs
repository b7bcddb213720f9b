using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Destructions that have failed in the middle: of the snapshots which they were to destroy some are gone, and no row may say that they are there.</summary>
internal static class HalfDestroyed
{
    /// <returns>Confirmations of failed transactions that are carried out as those of successful ones.</returns>
    public static async Task<IReadOnlySet<long>> FindAsync(VpsAdminDb db, TransactionChain chain, CancellationToken cancel)
    {
        var gone = new HashSet<long>();
        foreach (var transaction in chain.Transactions.Where(static t => t.State is StepState.Failed))
        {
            if (LeftOf(transaction) is { } left)
                gone.UnionWith(await FindAsync(db, transaction, left, cancel).ConfigureAwait(false));
        }
        return gone;
    }

    private static async Task<IEnumerable<long>> FindAsync(VpsAdminDb db, Transaction transaction, HashSet<string> left, CancellationToken cancel)
    {
        var destroyed = transaction.Confirmations.Where(static c => c.Kind is ConfirmationKind.Destroy).ToList();
        var (copies, inBranches) = (RowsOf<SnapshotInPool>(destroyed), RowsOf<SnapshotInBranch>(destroyed));
        var gone = (await db.SnapshotInPools.Where(c => copies.Contains(c.Id)).Select(static c => new { Entity = nameof(SnapshotInPool), c.Id, c.Snapshot.Name }).ToListAsync(cancel).ConfigureAwait(false))
            .Concat(await db.SnapshotInBranches.Where(b => inBranches.Contains(b.Id)).Select(static b => new { Entity = nameof(SnapshotInBranch), b.Id, b.SnapshotInPool.Snapshot.Name }).ToListAsync(cancel).ConfigureAwait(false))
            .Where(row => !left.Contains(row.Name)).Select(static row => (row.Entity, row.Id)).ToHashSet();
        return destroyed.Where(c => gone.Contains((c.Entity, c.RowId))).Select(static c => c.Id);
    }

    private static List<long> RowsOf<T>(List<Confirmation> confirmations) => [.. confirmations.Where(static c => c.Entity == typeof(T).Name).Select(static c => c.RowId)];

    /// <returns>Null: the node has not told: it could not, or nothing of it was begun.</returns>
    private static HashSet<string>? LeftOf(Transaction transaction)
    {
        if (transaction.Output is null || transaction.Type is not (TransactionType.DestroyDataset or TransactionType.RollbackDataset))
            return null;
        try
        {
            return JsonSerializer.Deserialize(transaction.Output, NodeJson.Default.SnapshotsLeft)?.Snapshots.ToHashSet();
        }
        catch (JsonException)
        {
            return null; // Of a node of another version.
        }
    }
}
