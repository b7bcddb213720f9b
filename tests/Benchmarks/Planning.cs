using System.Diagnostics;
using System.Globalization;
using VpsAdmin.Backup;

namespace VpsAdmin.Benchmarks;

/// <summary>Planner and rotation alone: how they grow.</summary>
internal static class Planning
{
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Run(int rounds)
    {
        Console.WriteLine($"### Plans: milliseconds, median of {rounds}\n");
        Console.WriteLine("| local snapshots, and twice as many on the server | backup | rotation | nanoseconds per local snapshot |\n|---|---|---|---|");
        foreach (var count in new[] { 1_000, 10_000, 100_000, 1_000_000 })
        {
            var local = new LocalInventory("tank/b", 7, [0], [.. Enumerable.Range(0, count).Select(static n => new LocalSnapshot(0, Name(n), Start.AddMinutes(n), (ulong)n, false))]);
            var remote = new RemoteInventory(7, "d", 0, [.. Enumerable.Range(0, 2 * count).Select(static n => new RemoteSnapshot(n, Name(n), Start.AddMinutes(n), 0, true))]);
            var backup = Milliseconds(rounds, () => BackupPlanner.Plan(local, remote, new BackupPlanOptions()));
            var rotation = Milliseconds(rounds, () => RotationPlanner.Plan(local, 0, new RotationPolicy(), Start.AddYears(30)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count:N0} | {backup:0.0} | {rotation:0.0} | {(backup + rotation) * 1e6 / count:0} |"));
        }
        Console.WriteLine();
    }

    private static string Name(int number) => Start.AddMinutes(number).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    private static double Milliseconds(int rounds, Func<object> plan)
    {
        var all = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            GC.KeepAlive(plan());
            // The first one compiles.
            if (round > 0)
                all.Add(clock.Elapsed.TotalMilliseconds);
        }
        return all.Order().ElementAt(rounds / 2);
    }
}
