using System.Text.Json.Nodes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>What a VPS may use, as the kernel says it of the VPS that runs.</summary>
[Collection(nameof(MoveCluster))]
public sealed class VpsLimitsTests(MoveCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_are_those_it_was_made_with_and_then_those_it_was_given()
    {
        cluster.Require();
        var limits = new JsonObject { ["memory"] = 64, ["cpu_limit"] = 50, ["process_limit"] = 70 };
        var vps = await cluster.CreateVpsAsync(cluster.West, limits);
        Assert.Equal((64L << 20, 0.5, 70), await cluster.West.Systems.LimitsAsync(vps.Id));

        await cluster.ScriptAsync($"Set-Vps {vps.Id} -Memory 96 -CpuLimit 150 -ProcessLimit 80 -Confirm:$false");
        Assert.Equal((96L << 20, 1.5, 80), await cluster.West.Systems.LimitsAsync(vps.Id));

        await cluster.Admin.WaitAsync(await cluster.BeginMoveAsync(vps, cluster.East), null, Cancel);
        Assert.Equal((96L << 20, 1.5, 80), await cluster.East.Systems.LimitsAsync(vps.Id));
    }
}
