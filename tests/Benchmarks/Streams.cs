using System.Globalization;
using System.Text.Json;
using VpsAdmin.Node;
using VpsAdmin.Zfs;

namespace VpsAdmin.Benchmarks;

/// <summary>A snapshot as a stream: made on the node, decoded into a program, received.</summary>
internal static class Streams
{
    /// <param name="pool">An empty pool filesystem; what is made below it stays.</param>
    public static async Task RunAsync(long size, int rounds, string pool, string folder, CancellationToken cancel)
    {
        var zfs = new ZfsHost();
        foreach (var name in new[] { "node", "node/data", "far" })
            await zfs.CreateFilesystemAsync($"{pool}/{name}", null, cancel).ConfigureAwait(false);
        var mounted = (await zfs.GetFilesystemAsync($"{pool}/node/data", cancel).ConfigureAwait(false)).Mountpoint!;
        await RandomFile.WriteAsync(Path.Combine(mounted, "file"), size, cancel).ConfigureAwait(false);
        await zfs.SnapshotAsync(new SnapshotName($"{pool}/node/data", "one"), cancel).ConfigureAwait(false);

        var file = Path.Combine(folder, "stream.gz");
        await new Comparison("Export on the node", size,
        [
            Candidate.Shell("`zfs send SNAPSHOT | gzip | tee f | sha256sum`", "zfs send \"$1\" | gzip | tee \"$2\" | sha256sum", $"{pool}/node/data@one", file),
            Candidate.Own("the node", ExportOnNode, pool + "/node"),
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);

        var server = await FileServer.StartAsync(file, cancel).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        var source = server.Source;
        var bytes = source.Bytes.ToString(CultureInfo.InvariantCulture);
        Candidate Decoded(string through) => Candidate.Shell($"`curl -sS URL {through}| gzip -dc > /dev/null`", $"curl -sS \"$1\" {through}| gzip -dc > /dev/null", source.Url.AbsoluteUri);
        await new Comparison("Decoded into a program", size,
        [
            Decoded(""), Decoded("| mbuffer -q "), Decoded("| pv -q "),
            Candidate.Own("the transfer core", Scenarios.Discard, source.Url.AbsoluteUri, source.Sha256, bytes, "cat"),
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);

        var target = pool + "/far/received";
        Task DestroyAsync(CancellationToken token) => Candidate.Shell("destroy", "until zfs destroy -r \"$1\" 2>/dev/null || ! zfs list \"$1\" >/dev/null 2>&1; do sleep 0.1; done", target).RunAsync(token);
        await new Comparison("Downloaded, verified, decoded, received", size,
        [
            // By a FIFO, so that somebody waits for sha256sum.
            Candidate.Shell(
                "`curl -sS URL | tee >(sha256sum) | gzip -dc | zfs receive -u TARGET`",
                "trap 'rm -f \"$3\"' EXIT; mkfifo \"$3\"; sha256sum < \"$3\" & curl -sS \"$1\" | tee \"$3\" | gzip -dc | zfs receive -u \"$2\" && wait $!",
                source.Url.AbsoluteUri, target, Path.Combine(folder, "fifo")) with { Prepare = DestroyAsync, Prints = source.Sha256 },
            Candidate.Own("the transfer core", Scenarios.Receive, source.Url.AbsoluteUri, source.Sha256, bytes, target) with { Prepare = DestroyAsync },
        ]).RunAsync(rounds, cancel).ConfigureAwait(false);
    }

    /// <summary>The name of <see cref="ExportAsync"/>, which is the whole work of a process.</summary>
    public const string ExportOnNode = "export";

    /// <summary>Has a node make the download of the snapshot, and remove it.</summary>
    public static async Task ExportAsync(string filesystem, CancellationToken cancel)
    {
        var bus = new InProcessBus();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var node = new NodeWorker(bus.Inbox(1), new ZfsHost(), QueueLimit.Defaults, TimeProvider.System).RunAsync(stop.Token);
        var key = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(50));
        await bus.DoAsync(1, new(1, 1, TransactionType.DownloadSnapshot, false, "zfs_send", JsonSerializer.SerializeToNode(
            new DownloadSnapshotInput(filesystem, "data", "one", null, "stream", key, "data.dat.gz", 1), NodeJson.Default.DownloadSnapshotInput)!), cancel).ConfigureAwait(false);
        await bus.DoAsync(1, new(2, 1, TransactionType.RemoveDownload, false, "general", JsonSerializer.SerializeToNode(
            new RemoveDownloadInput(filesystem, key, "data.dat.gz"), NodeJson.Default.RemoveDownloadInput)!), cancel).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await node.ConfigureAwait(false);
    }
}
