using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Benchmarks;

/// <summary>What this project does, each as the whole work of a process. All of them verify the SHA-256, or fail.</summary>
internal static class Scenarios
{
    public const string Save = "save";
    public const string SaveAtGigabit = "save-at-gigabit";
    public const string Interrupt = "interrupt";
    public const string Discard = "discard";
    public const string Receive = "receive";

    /// <summary>Bytes a second of a line of 1 Gbit/s.</summary>
    public const int GigabitBytes = 118_000_000;

    public static async Task<int> RunAsync(string scenario, Source source, string target, CancellationToken cancel)
    {
        await (scenario switch
        {
            Save => SaveAsync(source, target, new TransferOptions(), cancel),
            SaveAtGigabit => SaveAsync(source, target, new TransferOptions { MaxBytesPerSecond = GigabitBytes }, cancel),
            Interrupt => InterruptAsync(source, target, cancel),
            Discard => TransferAsync(source, new DecodedSink(new CommandTarget(new ProcessSpec("/bin/sh", ["-c", "exec cat > /dev/null"]), Console.WriteLine)), new TransferOptions(), null, cancel),
            Receive => TransferAsync(source, new DecodedSink(new ReceiveTarget(new ZfsHost(), target, new ReceiveOptions())), new TransferOptions(), null, cancel),
            _ => throw new ArgumentException($"There is no scenario '{scenario}'."),
        }).ConfigureAwait(false);
        return 0;
    }

    private static Task SaveAsync(Source source, string path, TransferOptions options, CancellationToken cancel, IProgress<TransferProgress>? progress = null) =>
        TransferAsync(source, new FileSink(path, overwrite: true, resume: true), options, progress, cancel);

    /// <summary>Stops when half of the file is here, and leaves that.</summary>
    private static async Task InterruptAsync(Source source, string path, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            await SaveAsync(source, path, new TransferOptions(), stop.Token, new Stop(stop, source.Bytes / 2)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // As intended.
        }
    }

    private static async Task TransferAsync(Source source, TransferSink sink, TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        await using var _ = sink.ConfigureAwait(false);
        using var http = TransferHttp.CreateClient();
        var result = await new SnapshotTransfer(http, options, TimeProvider.System).RunAsync(source, sink, progress, cancel).ConfigureAwait(false);
        if (!result.Verified)
            throw new InvalidOperationException("Not verified.");
    }

    private sealed class Stop(CancellationTokenSource source, long at) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.BytesTransferred >= at)
                source.Cancel();
        }
    }
}
