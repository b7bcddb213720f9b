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

    private static readonly FarPool[] FarAndVault = [new(71, PoolRole.Hypervisor, Far), new(72, PoolRole.Backup, Vault)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pools_of_other_nodes_are_told_and_one_that_does_not_answer_is_left_out()
    {
        await using var server = await RunningServer.StartAsync();
        var told = new PoolSpace(new ZfsHost(), server.Installation, [new Nodes(FarAndVault)], NullLogger<PoolSpace>.Instance);
        var space = await told.GetAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal([(71, new Space(Far.Used, Far.Available)), (72, new Space(Vault.Used, Vault.Available))], space.OrderBy(static s => s.Key).Select(static s => (s.Key, s.Value)));
    }

    [Fact]
    public async Task What_a_dataset_occupies_is_not_what_its_backup_does()
    {
        await using var server = await RunningServer.StartAsync();
        using var told = new DatasetUsage(new ZfsHost(), server.Installation, [new Nodes(FarAndVault)], TimeProvider.System, NullLogger<DatasetUsage>.Instance);
        var usage = await told.GetAsync(pools: null, Cancel);
        Assert.Equal([(new PlacedDataset(71, "102"), new Usage(11, 12, 13))], usage.Select(static u => (u.Key, u.Value)));
    }

    [Fact]
    public async Task What_a_dataset_occupies_is_not_what_the_copy_does_that_it_left_behind()
    {
        await using var server = await RunningServer.StartAsync();
        var left = Far with { Filesystem = "left/vps", Datasets = [new("102", Used: 17, Referenced: 18, Available: 19)] };
        using var told = new DatasetUsage(
            new ZfsHost(), server.Installation, [new Nodes(new FarPool(73, PoolRole.Hypervisor, left), new FarPool(71, PoolRole.Hypervisor, Far))], TimeProvider.System, NullLogger<DatasetUsage>.Instance);
        var usage = await told.GetAsync(pools: null, Cancel);
        Assert.Equal((new Usage(11, 12, 13), new Usage(17, 18, 19)), (usage[new(71, "102")], usage[new(73, "102")]));
    }

    [Fact]
    public async Task Whose_datasets_nobody_wants_to_see_is_not_asked()
    {
        await using var server = await RunningServer.StartAsync();
        var nodes = new Nodes(FarAndVault);
        using var told = new DatasetUsage(new ZfsHost(), server.Installation, [nodes], TimeProvider.System, NullLogger<DatasetUsage>.Instance);
        var usage = await told.GetAsync(new HashSet<long> { 71 }, Cancel);
        Assert.Equal(new Usage(11, 12, 13), usage[new(71, "102")]);
        Assert.Equal([71], nodes.Wanted);
    }

    private sealed class Nodes(params FarPool[] all) : INodeUsage
    {
        public IReadOnlySet<long>? Wanted { get; private set; }

        public Task<IReadOnlyList<FarPool>> GetAsync(IReadOnlySet<long>? pools, CancellationToken cancel)
        {
            Wanted = pools;
            return Task.FromResult<IReadOnlyList<FarPool>>([.. all.Where(p => pools?.Contains(p.PoolId) is not false)]);
        }
    }
}
