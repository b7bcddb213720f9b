using System.Globalization;

namespace VpsAdmin.Benchmarks;

/// <summary>Candidates beside one another, as a table in Markdown. The first one is the baseline.</summary>
/// <param name="Bytes">That each of them moves.</param>
internal sealed record Comparison(string Title, long Bytes, IReadOnlyList<Candidate> Candidates)
{
    private const double GiB = 1L << 30;

    /// <summary>All candidates once, then all again: whatever else the machine does meets all alike.</summary>
    public async Task RunAsync(int rounds, CancellationToken cancel)
    {
        var measured = Candidates.ToDictionary(static c => c, static _ => new List<Round>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var candidate in Candidates)
                measured[candidate].Add(await candidate.RunAsync(cancel).ConfigureAwait(false));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"### {Title}: {Bytes >> 20} MiB, median of {rounds} (least to most)\n"));
        Console.WriteLine("| | times the first | seconds | MB/s | CPU seconds per GiB | peak of memory, MiB |\n|---|---|---|---|---|---|");
        var baseline = Median(measured[Candidates[0]], static r => r.Seconds);
        foreach (var candidate in Candidates)
        {
            var all = measured[candidate];
            var seconds = Median(all, static r => r.Seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {candidate.Name.Replace("|", "\\|", StringComparison.Ordinal)} | {baseline / seconds:0.00} | {seconds:0.00} ({all.Min(static r => r.Seconds):0.00} to {all.Max(static r => r.Seconds):0.00}) | {Bytes / seconds / 1e6:0} | {Median(all, static r => r.CpuSeconds) / (Bytes / GiB):0.00} | {all.Max(static r => r.PeakMiB):0} |"));
        }
        Console.WriteLine();
    }

    private static double Median(List<Round> rounds, Func<Round, double> value)
    {
        var sorted = rounds.Select(value).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
