using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Resources;

/// <summary>The cluster in numbers.</summary>
internal static class ClusterResource
{
    private static readonly OutputShape<Summary> PublicShape = new(static _ => [],
    [
        new("user_count", ParameterType.Integer, "Number of users", static s => s.Users),
        new("vps_count", ParameterType.Integer, "Number of VPSes", static s => s.Vpses),
    ]);

    private static readonly OutputShape<Summary> FullShape = new(static _ => [],
    [
        .. PublicShape.Parameters,
        new("node_count", ParameterType.Integer, "Number of nodes", static s => s.Nodes),
        new("dataset_count", ParameterType.Integer, "Number of datasets", static s => s.Datasets),
        new("snapshot_count", ParameterType.Integer, "Number of snapshots", static s => s.Snapshots),
        new("download_count", ParameterType.Integer, "Number of downloads", static s => s.Downloads),
        new("fatal_chain_count", ParameterType.Integer, "Number of fatal chains", static s => s.FatalChains) { Description = "Chains that could not be undone and wait for an administrator" },
    ]);

    public static ApiResource Declare() => new("cluster", "cluster", "The cluster in numbers")
    {
        Actions =
        [
            new ApiAction<Summary>("public_stats", "GET", "Numbers that everybody may know", PublicShape, CountAsync)
            {
                SubPath = "public_stats", PlainHash = true, RequiresLogin = false,
            },
            new ApiAction<Summary>("full_stats", "GET", "Numbers for administrators", FullShape, CountAsync)
            {
                SubPath = "full_stats", PlainHash = true, AdminOnly = true,
            },
        ],
    };

    private static async Task<ActionReply<Summary>> CountAsync(ActionContext context)
    {
        var (db, cancel) = (context.Database(), context.Cancel);
        return new([new(
            await db.Users.CountAsync(cancel).ConfigureAwait(false),
            await db.Vpses.CountAsync(cancel).ConfigureAwait(false),
            await db.Nodes.CountAsync(cancel).ConfigureAwait(false),
            await db.Datasets.CountAsync(cancel).ConfigureAwait(false),
            await db.Snapshots.CountAsync(cancel).ConfigureAwait(false),
            await db.SnapshotDownloads.CountAsync(cancel).ConfigureAwait(false),
            await db.TransactionChains.CountAsync(static c => c.State == ChainState.Fatal, cancel).ConfigureAwait(false))]);
    }

    private sealed record Summary(int Users, int Vpses, int Nodes, int Datasets, int Snapshots, int Downloads, int FatalChains);
}
