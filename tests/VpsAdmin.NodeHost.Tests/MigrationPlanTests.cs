using System.Globalization;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Plans of VPSes that run, steered by the module's commands.</summary>
[Collection(nameof(MoveCluster))]
public sealed class MigrationPlanTests(MoveCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_move_by_a_plan_to_its_end(bool cleanup)
    {
        cluster.Require();
        var (west, east) = (cluster.West, cluster.East);
        Vps[] vpses = [await cluster.CreateVpsAsync(west), await cluster.CreateVpsAsync(west)];
        var sums = await SumsAsync(west, vpses);

        var output = await cluster.ScriptAsync($$"""
            $plan = Move-Vps {{vpses[0].Id}}, {{vpses[1].Id}} {{east.Name}} -CleanupData:${{(cleanup ? "true" : "false")}} -Reason upgrade -Wait -Confirm:$false
            [Console]::Out.WriteLine((Get-VpsMigrationPlan $plan).State)
            Get-VpsMigrationPlan $plan -Migrations | ForEach-Object { [Console]::Out.WriteLine("$($_.Vps.Id) $($_.State)") }
            """);

        Assert.Equal(["done", $"{vpses[0].Id} done", $"{vpses[1].Id} done"], output);
        await cluster.SettleAsync();
        Assert.Equal(sums, await SumsAsync(east, vpses));
        foreach (var vps in vpses)
        {
            Assert.False(await west.Systems.IsRunningAsync(vps.Id));
            Assert.Equal(!cleanup, await cluster.Zfs.ExistsAsync($"{west.Filesystem}/{vps.Id}", Cancel));
            if (!cleanup)
                await cluster.Zfs.DestroyRecursivelyAsync($"{west.Filesystem}/{vps.Id}", Cancel);
        }
        Assert.Empty(await cluster.FindingsAsync());
    }

    [Fact]
    public async Task A_plan_that_is_started_and_stopped_moves_what_had_begun_and_leaves_the_rest()
    {
        cluster.Require();
        var (west, east) = (cluster.West, cluster.East);
        Vps[] vpses = [await cluster.CreateVpsAsync(west), await cluster.CreateVpsAsync(west)];
        var sums = await SumsAsync(west, vpses);
        var plan = await StageAsync(vpses, east);
        var gate = await west.GateAsync("zfs", "'send '*/*");

        Assert.Equal(["running"], await cluster.ScriptAsync($"[Console]::Out.WriteLine((Start-VpsMigrationPlan {plan} -Confirm:$false).State)"));
        await gate.WaitingAsync(Cancel);
        Assert.Equal(
            ["cancelling", plan.ToString(CultureInfo.InvariantCulture)],
            await cluster.ScriptAsync($$"""
                [Console]::Out.WriteLine((Stop-VpsMigrationPlan {{plan}} -Confirm:$false).State)
                Get-VpsMigrationPlan -State cancelling | ForEach-Object { [Console]::Out.WriteLine($_.Id) }
                """));
        gate.Open();
        await cluster.SettleAsync();

        Assert.Equal(
            ["cancelled", $"{vpses[0].Id} done", $"{vpses[1].Id} cancelled"],
            await cluster.ScriptAsync($$"""
                [Console]::Out.WriteLine((Get-VpsMigrationPlan {{plan}}).State)
                Get-VpsMigrationPlan {{plan}} -Migrations | ForEach-Object { [Console]::Out.WriteLine("$($_.Vps.Id) $($_.State)") }
                """));
        Assert.Equal(sums[0], (await SumsAsync(east, vpses[0]))[0]);
        Assert.Equal(sums[1], (await SumsAsync(west, vpses[1]))[0]);
        Assert.Empty(await cluster.FindingsAsync());
    }

    /// <summary>One that moves one VPS after the other, and has not begun.</summary>
    private async Task<long> StageAsync(IEnumerable<Vps> vpses, MovingNode target)
    {
        var plan = await cluster.Admin.CreateMigrationPlanAsync(new MigrationPlanOptions(Concurrency: 1), Cancel);
        foreach (var vps in vpses)
            await cluster.Admin.AddMigrationAsync(plan.Id, vps.Id, target.Id, new VpsMigrationOptions(), Cancel);
        return plan.Id;
    }

    private static async Task<List<string>> SumsAsync(MovingNode node, params Vps[] vpses)
    {
        var sums = new List<string>();
        foreach (var vps in vpses)
            sums.Add(await node.Systems.AttachAsync(vps.Id, "sha256sum /root/data"));
        return sums;
    }
}
