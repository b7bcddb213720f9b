using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Web.Tests;

/// <summary>What pages tell of space, of a server whose own pool does not answer.</summary>
public sealed class PoolSpaceTests
{
    private static readonly PoolUsage Vault = new("vault/vps", Used: 5L << 40, Available: 1L << 40, [new("101", Used: 7, Referenced: 7, Available: 7)]);
    private static readonly PoolUsage Far = new("far/vps", Used: 3L << 30, Available: 2L << 30, [new("102", Used: 11, Referenced: 12, Available: 13)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pools_of_other_nodes_are_told_and_one_that_does_not_answer_is_left_out()
    {
        await using var server = await RunningServer.StartAsync();
        var told = new PoolSpace(new ZfsHost(), server.Installation, [new Nodes()], NullLogger<PoolSpace>.Instance);
        var space = await told.GetAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal([(71, new Space(Far.Used, Far.Available)), (72, new Space(Vault.Used, Vault.Available))], space.OrderBy(static s => s.Key).Select(static s => (s.Key, s.Value)));
    }

    [Fact]
    public async Task What_a_dataset_occupies_is_not_what_its_backup_does()
    {
        await using var server = await RunningServer.StartAsync();
        using var told = new DatasetUsage(new ZfsHost(), server.Installation, [new Nodes()], TimeProvider.System, NullLogger<DatasetUsage>.Instance);
        var usage = await told.GetAsync(Cancel);
        Assert.Equal([("102", new Usage(11, 12, 13))], usage.Select(static u => (u.Key, u.Value)));
    }

    private sealed class Nodes : INodeUsage
    {
        public Task<IReadOnlyList<FarPool>> GetAsync(CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<FarPool>>([new(71, PoolRole.Hypervisor, Far), new(72, PoolRole.Backup, Vault)]);
    }
}
