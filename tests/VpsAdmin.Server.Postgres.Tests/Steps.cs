using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Postgres.Tests;

internal static class Steps
{
    public const string NodeName = "node2.example.org";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A node of its own, with a pool.</summary>
    public static Task<long> AddNodeAsync(this RunningServer server) => server.QueryAsync(static async db =>
    {
        var node = new Data.Node { Name = "node2", DomainName = NodeName, LocationId = await db.Locations.Select(static l => l.Id).FirstAsync() };
        db.Pools.Add(new Pool { Node = node, Label = "tank/vps", Filesystem = "tank/vps", Role = PoolRole.Hypervisor });
        await db.SaveChangesAsync();
        return node.Id;
    });

    public static Task<long> AddDatasetOnNodeAsync(this RunningServer server, string name) => server.QueryAsync(async db =>
    {
        var dataset = new Dataset { FullName = name, UserId = 1, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes };
        dataset.InPools.Add(new() { PoolId = await db.Pools.Select(static p => p.Id).FirstAsync(), Confirmed = Confirmed.Yes });
        db.Datasets.Add(dataset);
        await db.SaveChangesAsync();
        return dataset.Id;
    });

    public static async Task<StartedChain<long>> StartChainAsync(this RunningServer server, string dataset, int transactions) =>
        await server.StartChainAsync(await server.AddDatasetOnNodeAsync(dataset), transactions);

    /// <summary>A chain that keeps the dataset.</summary>
    public static Task<StartedChain<long>> StartChainAsync(this RunningServer server, long datasetId, int transactions = 1) => server.UseAsync<ChainStarter, StartedChain<long>>((starter, db) =>
        starter.StartAsync(new("test", "Test"), 1, async chain =>
        {
            await chain.LockAsync<Dataset>(datasetId, Cancel);
            var node = await db.Nodes.Where(static n => n.DomainName == NodeName).Select(static n => n.Id).SingleAsync(Cancel);
            for (var number = 0; number < transactions; number++)
                chain.Append(node, TransactionType.CreateDataset, new JsonObject());
            return datasetId;
        }, Cancel));
}

/// <summary>A data folder for a server that is not to run.</summary>
internal sealed class TemporaryData : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Starts one more server on the database of another.</summary>
    public async Task StartAsync(RunningServer other, string? pool)
    {
        var options = other.Options with { DataDirectory = _folder.Below("data"), Pool = pool };
        using var data = DataDirectory.Open(options.DataDirectory);
        var (node, found, _) = await Installation.PrepareDatabaseAsync(data, options, TimeProvider.System, Cancel);
        await using var app = ServerApp.Build(options, new(data, node.Id, node.DomainName, found?.Id ?? 0, found?.Filesystem, null), new ZfsHost(), static services => services.AddLogging(static logging => logging.ClearProviders()));
        await app.StartAsync(Cancel);
        await app.StopAsync(Cancel);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
