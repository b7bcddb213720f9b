using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using VpsAdmin.Node;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Benchmarks;

/// <summary>One snapshot from one filesystem to another: by <c>zfs send | zfs receive</c>, and by two nodes over TLS on the loopback.</summary>
internal static class NodeStreams
{
    private const int Near = 1;
    private const int Far = 2;

    /// <param name="pool">An empty pool filesystem; what is made below it stays.</param>
    public static async Task<int> RunAsync(long size, string pool, CancellationToken cancel)
    {
        var zfs = new ZfsHost();
        foreach (var name in new[] { "near", "near/data", "far" })
            await zfs.CreateFilesystemAsync($"{pool}/{name}", null, cancel).ConfigureAwait(false);
        var folder = (await zfs.GetFilesystemAsync($"{pool}/near/data", cancel).ConfigureAwait(false)).Mountpoint!;
        await RandomFile.WriteAsync(Path.Combine(folder, "file"), size, cancel).ConfigureAwait(false);
        await zfs.SnapshotAsync(new SnapshotName($"{pool}/near/data", "one"), cancel).ConfigureAwait(false);

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size >> 20} MiB, {Environment.ProcessorCount} processors, .NET {Environment.Version}"));
        Console.WriteLine("scenario\tseconds\tMB/s");
        foreach (var round in new[] { 1, 2 })
        {
            Print("zfs send | zfs receive", size, await PipeAsync($"{pool}/near/data@one", $"{pool}/far/plain{round}", cancel).ConfigureAwait(false));
            Print("two nodes, TLS", size, await NodesAsync(zfs, pool, $"data{round}", cancel).ConfigureAwait(false));
        }
        return 0;
    }

    private static async Task<TimeSpan> PipeAsync(string snapshot, string target, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start("sh", ["-c", $"zfs send {snapshot} | zfs receive -u {target}"]);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        return process.ExitCode == 0 ? clock.Elapsed : throw new InvalidOperationException("zfs send | zfs receive failed.");
    }

    private static async Task<TimeSpan> NodesAsync(ZfsHost zfs, string pool, string target, CancellationToken cancel)
    {
        var bus = new InProcessBus();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var streams = await StreamListener.OpenAsync(zfs, new(IPAddress.Loopback, 0), [], atOnce: 1, TimeProvider.System, Console.Error.WriteLine, cancel).ConfigureAwait(false);
        await using var _ = streams.ConfigureAwait(false);
        var far = streams.RunBesideAsync(new NodeWorker(bus.Inbox(Far), zfs, QueueLimit.Defaults, TimeProvider.System, streams.Handlers).RunAsync, stop.Token);
        var near = new NodeWorker(bus.Inbox(Near), zfs, QueueLimit.Defaults, TimeProvider.System).RunAsync(stop.Token);

        var credentials = StreamCredentials.Create();
        var receive = new ReceiveSnapshotsInput(credentials.Transfer, pool + "/far", target, null, ["one"], credentials.Receiver);
        await bus.DoAsync(Far, new(1, 1, TransactionType.ReceiveSnapshots, false, "zfs_recv", JsonSerializer.SerializeToNode(receive, NodeJson.Default.ReceiveSnapshotsInput)!), cancel).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        var send = new SendSnapshotsInput(credentials.Transfer, pool + "/near", "data", null, ["one"], $"127.0.0.1:{streams.EndPoint.Port}", credentials.Sender);
        await bus.DoAsync(Near, new(2, 1, TransactionType.SendSnapshots, false, "zfs_send", JsonSerializer.SerializeToNode(send, NodeJson.Default.SendSnapshotsInput)!), cancel).ConfigureAwait(false);
        var elapsed = clock.Elapsed;
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(far, near).ConfigureAwait(false);
        return elapsed;
    }

    private static void Print(string scenario, long size, TimeSpan elapsed) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario}\t{elapsed.TotalSeconds:0.00}\t{size / elapsed.TotalSeconds / 1e6:0}"));
}
