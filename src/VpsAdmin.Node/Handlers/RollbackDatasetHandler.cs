using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5210: rolls a filesystem back to one of its snapshots and destroys the newer ones. Snapshots that the server does not know of are
/// somebody's, and stop it.
/// </summary>
internal sealed class RollbackDatasetHandler(ZfsHost zfs)
    : TransactionHandler<RollbackDatasetInput>(TransactionType.RollbackDataset, NodeJson.Default.RollbackDatasetInput)
{
    /// <summary>
    /// Set when it is done: work that is delivered again must not take away what was written since. Before, with <see cref="Begun"/> behind it:
    /// of a rollback to the newest snapshot nothing else tells afterwards that it took place.
    /// </summary>
    public const string Property = "cz.vpsfree.vpsadmin:rollback";

    private const string Begun = " begun";

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, RollbackDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot);
        await Irreversible.DestroyAsync(zfs, target.Dataset, () => RollAsync(target, input, TransactionMark.Of(message), cancel), cancel).ConfigureAwait(false);
        return null;
    }

    private async Task RollAsync(SnapshotName target, RollbackDatasetInput input, string mark, CancellationToken cancel)
    {
        if (await zfs.GetLocalPropertyAsync(target.Dataset, Property, cancel).ConfigureAwait(false) == mark)
            return;

        var all = await zfs.ListSnapshotsAsync(target.Dataset, depth: 0, cancel).ConfigureAwait(false);
        if (all.All(s => s.Name != target))
            throw new TransactionException($"{target} does not exist.");
        var newer = all.SkipWhile(s => s.Name != target).Skip(1);
        if (newer.FirstOrDefault(s => !input.Newer.Contains(s.Name.Name)) is { } stranger)
            throw new TransactionException($"{stranger.Name} is newer and the server does not know it. Destroy or rename it, and roll back again.");

        await zfs.SetPropertyAsync(target.Dataset, Property, mark + Begun, cancel).ConfigureAwait(false);
        await zfs.RollbackAsync(target, cancel).ConfigureAwait(false);
        await zfs.SetPropertyAsync(target.Dataset, Property, mark, cancel).ConfigureAwait(false);
    }

    protected override async Task RollbackAsync(TransactionMessage message, RollbackDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot);
        foreach (var newer in input.Newer)
            await Irreversible.RequireAsync(zfs, PoolDataset.Snapshot(input.Filesystem, input.Dataset, newer).ToString(), cancel).ConfigureAwait(false);
        var mark = TransactionMark.Of(message);
        if (await zfs.GetLocalPropertyAsync(target.Dataset, Property, cancel).ConfigureAwait(false) is { } set && (set == mark || set == mark + Begun))
            throw new TransactionException($"{target.Dataset} is rolled back to @{target.Name}, and what was written after it cannot be brought back.");
    }
}
