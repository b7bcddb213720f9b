using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Vpses;

/// <summary>The datasets of a VPS, which go to another place together.</summary>
internal static class VpsDatasets
{
    /// <summary>The root dataset and those below it, parents first.</summary>
    public static async Task<List<DatasetInPool>> ListAsync(VpsAdminDb db, Dataset root, Pool source, CancellationToken cancel)
    {
        var below = root.FullName + "/";
        var family = await db.DatasetInPools.Include(static i => i.Dataset).Include(static i => i.Pool)
            .Where(i => i.PoolId == source.Id && i.Confirmed == Confirmed.Yes && (i.DatasetId == root.Id || i.Dataset.FullName.Substring(0, below.Length) == below))
            .ToListAsync(cancel).ConfigureAwait(false);
        return [.. family.OrderBy(static i => i.Dataset.FullName, StringComparer.Ordinal)];
    }

    /// <summary>A stream carries data and no settings.</summary>
    public static void AppendProperties(ChainBuilder chain, IEnumerable<Dataset> datasets, Pool target)
    {
        foreach (var dataset in datasets)
        {
            var local = DatasetProperties.Local(dataset);
            if (local.Count == 0)
                continue;
            var input = new SetDatasetInput(target.Filesystem, dataset.FullName, DatasetProperties.ToZfs(local.Keys, local), local.Keys.ToDictionary(static name => name, static _ => (string?)null));
            chain.Append(target.NodeId, TransactionType.SetDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.SetDatasetInput)!);
        }
    }
}
