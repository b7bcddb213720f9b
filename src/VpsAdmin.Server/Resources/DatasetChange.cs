using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>Sets properties of a dataset, or has it inherit them.</summary>
internal static class DatasetChange
{
    /// <param name="datasets">Those that the caller may change.</param>
    /// <param name="set">New values by name.</param>
    /// <param name="inherit">Names of properties whose own values go.</param>
    public static Task<StartedChain<Dataset>> StartAsync(
        ActionContext context, ChainTitle title, IQueryable<Dataset> datasets, IReadOnlyDictionary<string, JsonNode> set, IReadOnlyList<string> inherit) =>
        context.Services.GetRequiredService<ChainStarter>().StartAsync(title, context.Caller.UserId, async chain =>
        {
            var dataset = await datasets.Include(static d => d.InPools).ThenInclude(static i => i.Pool)
                .SingleOrDefaultAsync(d => d.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            DatasetProperties.RequireOwnLimits(context.Caller, dataset, set.Keys);
            chain.Concern<Dataset>(dataset.Id);
            var inPool = dataset.Worked;
            if (set.ContainsKey("refquota"))
                DatasetProperties.RequireRefquota(inPool.Pool, set);
            await chain.LockAsync<DatasetInPool>(inPool.Id, context.Cancel).ConfigureAwait(false);
            Append(chain, inPool, dataset, set, inherit);
            return dataset;
        }, context.Cancel);

    /// <summary>The dataset's row changes when the work is done.</summary>
    public static void Append(ChainBuilder chain, DatasetInPool inPool, Dataset dataset, IReadOnlyDictionary<string, JsonNode> set, IReadOnlyList<string> inherit)
    {
        var before = DatasetProperties.Local(dataset);
        var after = new Dictionary<string, JsonNode>(before);
        foreach (var (name, value) in set)
            after[name] = value;
        foreach (var name in inherit)
            after.Remove(name);

        List<string> changed = [.. set.Keys, .. inherit];
        var input = new SetDatasetInput(
            inPool.Pool.Filesystem, dataset.FullName, DatasetProperties.ToZfs(changed, after), DatasetProperties.ToZfs(changed, before));
        chain.Append(inPool.Pool.NodeId, TransactionType.SetDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.SetDatasetInput)!)
            .EditAfter<Dataset>(dataset.Id, (nameof(Dataset.LocalProperties), JsonSerializer.Serialize(after)));
    }
}
