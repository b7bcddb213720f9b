using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Consistency;

/// <summary>What the database has to agree about with itself.</summary>
internal sealed class RowsCheck(VpsAdminDb db)
{
    /// <summary>One that could not be undone has not: somebody has to look.</summary>
    private static readonly ChainState[] Ended = [ChainState.Done, ChainState.Failed, ChainState.Resolved];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancel) =>
    [
        .. await ChainsAsync(cancel).ConfigureAwait(false),
        .. await LocksAsync(cancel).ConfigureAwait(false),
        .. await HistoriesAsync(cancel).ConfigureAwait(false),
        .. await SecondLook.ConfirmAsync(() => WithoutCopyAsync(cancel)).ConfigureAwait(false),
        .. await SecondLook.ConfirmAsync(() => UnfinishedAsync(cancel)).ConfigureAwait(false),
    ];

    private async Task<IEnumerable<Finding>> ChainsAsync(CancellationToken cancel)
    {
        var chains = await db.TransactionChains.Where(static c => !Ended.Contains(c.State)).OrderBy(static c => c.Id).ToListAsync(cancel).ConfigureAwait(false);
        return chains.Select(static c => c.State is ChainState.Fatal
            ? new Finding(FindingKind.ChainFatal, Text($"chain {c.Id}"), Text($"Chain {c.Id} ({c.Label}) could not be undone. Look at what it left, then: vpsadmin-server chain resolve {c.Id}"))
            : new Finding(FindingKind.ChainUnfinished, Text($"chain {c.Id}"), Text($"Chain {c.Id} ({c.Label}) has not ended: it is at work, or waits for its node. What it concerns was not compared.")));
    }

    private async Task<IEnumerable<Finding>> LocksAsync(CancellationToken cancel)
    {
        var locks = await db.ResourceLocks.Where(static l => Ended.Contains(l.Chain.State)).OrderBy(static l => l.Id).ToListAsync(cancel).ConfigureAwait(false);
        return locks.Select(static l => new Finding(
            FindingKind.LockWithoutChain, Text($"{l.Resource} {l.RowId}"), Text($"{l.Resource} {l.RowId} is locked by chain {l.ChainId}, which has ended.")));
    }

    private async Task<IEnumerable<Finding>> HistoriesAsync(CancellationToken cancel)
    {
        var ahead = await db.Snapshots.Include(static s => s.Dataset).Where(static s => s.HistoryId > s.Dataset.CurrentHistoryId).ToListAsync(cancel).ConfigureAwait(false);
        return ahead.Select(static s => new Finding(FindingKind.HistoryWrong, $"{s.Dataset.FullName}@{s.Name}",
            Text($"{s.Dataset.FullName}@{s.Name} is of history {s.HistoryId}; its dataset has only come to {s.Dataset.CurrentHistoryId}.")));
    }

    /// <summary>Nobody can use them any more, whatever lists say.</summary>
    private async Task<IReadOnlyList<Finding>> WithoutCopyAsync(CancellationToken cancel)
    {
        var lost = await db.Snapshots.AsNoTracking().Include(static s => s.Dataset).Where(static s => s.Confirmed == Confirmed.Yes && s.InPools.Count == 0).OrderBy(static s => s.Id).ToListAsync(cancel).ConfigureAwait(false);
        return [.. lost.Select(static s => new Finding(FindingKind.SnapshotWithoutCopy, $"{s.Dataset.FullName}@{s.Name}",
            Text($"{s.Dataset.FullName}@{s.Name} has no copy on any pool: what was in it is lost, unless a pool has a snapshot of that name which the server does not know of.")))];
    }

    /// <summary>Rows that no chain which has not ended will confirm.</summary>
    private async Task<IReadOnlyList<Finding>> UnfinishedAsync(CancellationToken cancel)
    {
        var open = (await db.Confirmations.Where(static c => !Ended.Contains(c.Transaction.Chain.State))
            .Select(static c => new { c.Entity, c.RowId }).ToListAsync(cancel).ConfigureAwait(false)).Select(static c => (c.Entity, c.RowId)).ToHashSet();
        var rows = new List<(string Entity, IConfirmable Row)>();
        await AddAsync(db.Datasets).ConfigureAwait(false);
        await AddAsync(db.DatasetInPools).ConfigureAwait(false);
        await AddAsync(db.Snapshots).ConfigureAwait(false);
        await AddAsync(db.SnapshotInPools).ConfigureAwait(false);
        await AddAsync(db.DatasetTrees).ConfigureAwait(false);
        await AddAsync(db.Branches).ConfigureAwait(false);
        await AddAsync(db.SnapshotInBranches).ConfigureAwait(false);
        await AddAsync(db.SnapshotDownloads).ConfigureAwait(false);
        return [.. rows.Where(row => !open.Contains((row.Entity, row.Row.Id))).Select(static row => new Finding(
            FindingKind.RowUnfinished, Text($"{row.Entity} {row.Row.Id}"), Text($"{row.Entity} {row.Row.Id} is half {(row.Row.Confirmed is Confirmed.Create ? "made" : "removed")}, and no chain goes on with it.")))];

        async Task AddAsync<T>(DbSet<T> set) where T : class, IConfirmable =>
            rows.AddRange((await set.AsNoTracking().Where(static row => row.Confirmed != Confirmed.Yes).ToListAsync(cancel).ConfigureAwait(false)).Select(static row => (typeof(T).Name, (IConfirmable)row)));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
