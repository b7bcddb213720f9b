using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5206: makes a new branch of backups at a snapshot, by clone and promotion: the snapshots up to it are the new branch's then, and the
/// old branch is a clone that begins behind it.
/// </summary>
internal sealed class BranchDatasetHandler(ZfsHost zfs)
    : TransactionHandler<BranchDatasetInput>(TransactionType.BranchDataset, NodeJson.Default.BranchDatasetInput)
{
    // Backups are not worked in: nothing mounts them by itself.
    private static readonly Dictionary<string, string> Properties = new() { ["canmount"] = "noauto", ["readonly"] = "on" };

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, BranchDatasetInput input, CancellationToken cancel)
    {
        var (from, to) = Check(input);
        if (!await zfs.ExistsAsync(to.Dataset, cancel).ConfigureAwait(false))
            await zfs.CloneAsync(from, to.Dataset, Properties, cancel).ConfigureAwait(false);
        if (!await zfs.ExistsAsync(to.ToString(), cancel).ConfigureAwait(false))
            await zfs.PromoteAsync(to.Dataset, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, BranchDatasetInput input, CancellationToken cancel)
    {
        var (from, to) = Check(input);
        if (!await zfs.ExistsAsync(to.Dataset, cancel).ConfigureAwait(false))
            return;
        if (await zfs.ExistsAsync(to.ToString(), cancel).ConfigureAwait(false))
            await zfs.PromoteAsync(from.Dataset, cancel).ConfigureAwait(false);
        await zfs.DestroyAsync(to.Dataset, cancel).ConfigureAwait(false);
    }

    private static (SnapshotName From, SnapshotName To) Check(BranchDatasetInput input) => (
        PoolDataset.Snapshot(input.Filesystem, $"{input.Tree}/{input.Branch}", input.Snapshot),
        PoolDataset.Snapshot(input.Filesystem, $"{input.Tree}/{input.NewBranch}", input.Snapshot));
}
