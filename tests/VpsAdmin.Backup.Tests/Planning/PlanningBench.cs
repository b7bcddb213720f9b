using System.Diagnostics;
using System.Globalization;

namespace VpsAdmin.Backup.Tests.Planning;

public class PlanningBench(ITestOutputHelper output)
{
    /// <summary>Reports times; asserts only what was planned.</summary>
    [Fact]
    public void A_hundred_thousand_snapshots_are_planned()
    {
        const int Count = 100_000;
        var start = Sides.Now.AddYears(-10);
        string Name(int n) => start.AddMinutes(n).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var local = new LocalInventory("tank/b", 7, [0], [.. Enumerable.Range(0, Count).Select(n => new LocalSnapshot(0, Name(n), start.AddMinutes(n), (ulong)n, false))]);
        var remote = new RemoteInventory(7, "d", 0, [.. Enumerable.Range(0, 2 * Count).Select(n => new RemoteSnapshot(n, Name(n), start.AddMinutes(n), 0, true))]);

        var clock = Stopwatch.StartNew();
        var plan = BackupPlanner.Plan(local, remote, new BackupPlanOptions());
        var planned = clock.Elapsed;
        var rotation = RotationPlanner.Plan(local, 0, new RotationPolicy(), Sides.Now);
        output.WriteLine($"{Count} local and {2 * Count} remote snapshots: backup planned in {planned.TotalMilliseconds:F0} ms, rotation in {(clock.Elapsed - planned).TotalMilliseconds:F0} ms");

        Assert.Equal(Count, Assert.IsType<IncrementalStep>(Assert.Single(plan.Steps)).Included.Count);
        Assert.Equal(Count - 30, rotation.Snapshots.Count);
    }
}
