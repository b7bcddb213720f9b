using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>A node with a pool filesystem and a backup pool filesystem in it, for one transaction.</summary>
internal sealed class RedeliveryBench : IAsyncDisposable
{
    /// <summary>Longer than any pipe: a stream of it that breaks off in the middle has not been read to its end.</summary>
    private const int FileSize = 300_000;

    private RedeliveryBench(TestNode node) => Node = node;

    public TestNode Node { get; }

    public string Pool => Node.Filesystem;

    public string Backup => Node.Filesystem + "/backup";

    /// <summary>What the transaction of this bench has found when it came.</summary>
    public string Before { get; private set; } = "";

    public TransactionMessage Message { get; private set; } = null!;

    public static async Task<RedeliveryBench> StartAsync(LabFixture lab, HandlerCase which, CancellationToken cancel)
    {
        var bench = new RedeliveryBench(await lab.StartNodeAsync(cancel));
        await bench.Node.Zfs.CreateFilesystemAsync(bench.Backup, properties: null, cancel);
        bench.Message = await which.PrepareAsync(bench, cancel);
        bench.Before = await bench.StateAsync(which, cancel);
        return bench;
    }

    /// <summary>With all that it made: zfs-fuse does not bear hundreds of mounted filesystems.</summary>
    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        // Busy for a moment behind a mount, and while a stream that was cut short is taken back.
        while (await DestroyAsync(limit.Token) is { } error)
            Assert.True(await look.WaitForNextTickAsync(limit.Token), error);
    }

    public async Task SnapshotsAsync(string dataset, CancellationToken cancel, params string[] snapshots)
    {
        var folder = await Node.CreateDatasetAsync(dataset, cancel);
        foreach (var name in snapshots)
        {
            // Equal in all benches, and nothing that could be compressed.
            var data = new byte[FileSize];
            new Random(name[0]).NextBytes(data);
            await File.WriteAllBytesAsync(Path.Combine(folder, "data"), data, cancel);
            await Node.SnapshotAsync(dataset, name, cancel);
        }
    }

    /// <summary>Work that the tested transaction follows on; it must succeed.</summary>
    public async Task DoAsync<T>(TransactionType type, T input, CancellationToken cancel) =>
        Assert.Null((await Node.RunAsync(Node.Message(type, input, id: 1000), cancel)).Error);

    public Task<TransactionFinished> ExecuteAsync(CancellationToken cancel) => Node.RunAsync(Message, cancel);

    public Task<TransactionFinished> UndoAsync(CancellationToken cancel) => Node.RunAsync(Undoing, cancel);

    public TransactionMessage Undoing => Message with { Rollback = true, Queue = "rollback" };

    /// <summary>The names of the bench are left out, so that states of several compare.</summary>
    public async Task<string> StateAsync(HandlerCase which, CancellationToken cancel)
    {
        // Programs that outlived a node which was killed have ended when nothing names the pool filesystem any more.
        await Until.TrueAsync(() => !Programs.AnyNames(Pool), cancel);
        var lines = (await PoolState.DescribeAsync(Pool, cancel)).Split('\n')
            .Where(line => !which.MayRemain.Any(dataset =>
                line.StartsWith($"{Pool}/{dataset} ", StringComparison.Ordinal) || line.StartsWith($"{Pool}/{dataset}:", StringComparison.Ordinal)));
        return string.Join('\n', lines).Replace(Pool, "POOL", StringComparison.Ordinal);
    }

    /// <returns>Null: it is gone.</returns>
    private async Task<string?> DestroyAsync(CancellationToken cancel)
    {
        // -R: branches are clones.
        await using var destroy = OwnedProcess.Start(new ProcessSpec("zfs", ["destroy", "-R", Pool]));
        var result = await destroy.Completion.WaitAsync(cancel);
        return result.ExitCode == 0 || result.StandardError.Contains("does not exist", StringComparison.Ordinal) ? null : result.StandardError;
    }
}
