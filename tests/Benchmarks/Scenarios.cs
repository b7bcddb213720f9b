using System.Diagnostics;
using System.Globalization;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Benchmarks;

/// <summary>What is measured, by name. Each gets the source and a folder of its own.</summary>
internal static class Scenarios
{
    /// <summary>What everybody has, and what the others are compared with.</summary>
    public const string Baseline = "curl | tee | sha256sum";

    /// <summary>Continues what another leaves: its seconds are those of the second run.</summary>
    public const string Resume = "resume at half";

    private static readonly Dictionary<string, Func<Source, string, CancellationToken, Task>> All = new()
    {
        [Baseline] = static (source, folder, cancel) => ShellAsync("curl -sS \"$1\" | tee \"$2\" | sha256sum", source, folder, cancel),
        ["to a file"] = static (source, folder, cancel) => SaveAsync(source, folder, cancel),
        [Resume] = ResumeAsync,
        ["to a native consumer"] = static async (source, _, cancel) =>
        {
            var sink = new NativeSink("cat");
            await using var __ = sink.ConfigureAwait(false);
            await TransferAsync(source, sink, new TransferOptions(), null, cancel).ConfigureAwait(false);
        },
    };

    public static IEnumerable<string> Names => All.Keys;

    /// <summary>Runs one and prints its seconds and its peak of memory in KiB.</summary>
    public static async Task<int> RunAsync(string name, Source source, string folder, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        await All[name](source, folder, cancel).ConfigureAwait(false);
        var seconds = watch.Elapsed.TotalSeconds;
        var peak = (await File.ReadAllLinesAsync("/proc/self/status", cancel).ConfigureAwait(false)).Single(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000} {peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]}"));
        return 0;
    }

    private static async Task SaveAsync(Source source, string folder, CancellationToken cancel, long? stopAt = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var sink = new FileSink(Path.Combine(folder, "saved"), overwrite: true, resume: true);
        await using var _ = sink.ConfigureAwait(false);
        try
        {
            await TransferAsync(source, sink, new TransferOptions(), new Stop(stop, stopAt), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopAt is not null)
        {
        }
    }

    private static async Task ResumeAsync(Source source, string folder, CancellationToken cancel)
    {
        // What Comparison has left there.
        if (!File.Exists(Path.Combine(folder, "saved.part")))
            await SaveAsync(source, folder, cancel, stopAt: long.Parse(Environment.GetEnvironmentVariable("HALF")!, CultureInfo.InvariantCulture)).ConfigureAwait(false);
        else
            await SaveAsync(source, folder, cancel).ConfigureAwait(false);
    }

    private static async Task TransferAsync(Source source, TransferSink sink, TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        using var http = TransferHttp.CreateClient();
        var result = await new SnapshotTransfer(http, options, TimeProvider.System).RunAsync(source, sink, progress, cancel).ConfigureAwait(false);
        if (!result.Verified)
            throw new InvalidOperationException("Not verified.");
    }

    private static async Task ShellAsync(string script, Source source, string folder, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", "set -o pipefail; " + script, "shell", source.Url.AbsoluteUri, Path.Combine(folder, "saved")]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        if (!output.StartsWith(source.Sha256, StringComparison.Ordinal))
            throw new InvalidOperationException($"Wrong sum: {output}");
    }

    /// <summary>Interrupts a transfer when so many bytes are here.</summary>
    private sealed class Stop(CancellationTokenSource source, long? at) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.BytesTransferred >= at)
                source.Cancel();
        }
    }
}
