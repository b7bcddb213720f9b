using System.Diagnostics;
using System.Globalization;

namespace VpsAdmin.Benchmarks;

/// <summary>Runs every scenario and prints a table, one row for each, with tabs between the columns.</summary>
internal static class Comparison
{
    private sealed record Measurement(double Seconds, long PeakKiB);

    public static async Task<int> RunAsync(long size, string folder, CancellationToken cancel)
    {
        var work = Directory.CreateDirectory(Path.Combine(folder, $"vpsadmin-benchmark-{Environment.ProcessId}")).FullName;
        try
        {
            var server = await FileServer.StartAsync(Path.Combine(work, "source"), size, cancel).ConfigureAwait(false);
            await using var _ = server.ConfigureAwait(false);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size >> 20} MiB, {Environment.ProcessorCount} processors, .NET {Environment.Version}"));
            Console.WriteLine("scenario\tseconds\tMB/s\tto baseline\tpeak MiB");
            double? baseline = null;
            foreach (var name in Scenarios.Names)
            {
                if (name == Scenarios.Resume)
                    await MeasureAsync(name, server.Source, work, size / 2, cancel).ConfigureAwait(false);
                var measured = await MeasureAsync(name, server.Source, work, size / 2, cancel).ConfigureAwait(false);
                baseline ??= measured.Seconds;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name}\t{measured.Seconds:0.00}\t{size / measured.Seconds / 1e6:0}\t{baseline / measured.Seconds:0.00}\t{measured.PeakKiB / 1024}"));
                File.Delete(Path.Combine(work, "saved"));
            }
            return 0;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<Measurement> MeasureAsync(string name, Source source, string work, long half, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["run", name, source.Url.AbsoluteUri, source.Sha256, work]) { RedirectStandardOutput = true };
        start.Environment["HALF"] = half.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{name}' failed.");
        var words = output.Split(' ', StringSplitOptions.TrimEntries);
        return new Measurement(double.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
