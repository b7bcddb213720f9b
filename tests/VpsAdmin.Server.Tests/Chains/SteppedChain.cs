using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

/// <summary>Chains of any number of steps, which tests give the answers to.</summary>
internal static class SteppedChain
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A chain that makes a dataset in several steps; the confirmations hang on the last.</summary>
    public static async Task<long> StartAsync(RunningServer server, int steps, string name = "101")
    {
        var started = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("create", "Create"), 1, async builder =>
        {
            var dataset = new Dataset { FullName = name, UserId = 1, CreatedAt = DateTimeOffset.UtcNow };
            db.Datasets.Add(dataset);
            await db.SaveChangesAsync(Cancel);
            await builder.LockAsync<Dataset>(dataset.Id, Cancel);
            for (var i = 0; i < steps; i++)
            {
                var step = builder.Append(1, TransactionType.CreateDataset, new JsonObject { ["number"] = $"/{i}" });
                if (i == steps - 1)
                    step.Create(dataset);
            }
            return dataset.Id;
        }, Cancel));
        return started.ChainId;
    }

    public static async Task<(ChainState, int, int)> ProgressAsync(RunningServer server, long chain)
    {
        var row = await server.QueryAsync(db => db.TransactionChains.SingleAsync(c => c.Id == chain, Cancel));
        return (row.State, row.Progress, row.Size);
    }
}
