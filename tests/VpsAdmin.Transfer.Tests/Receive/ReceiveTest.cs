using VpsAdmin.Lab;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Transfer.Tests.Receive;

/// <summary>A pool with a source of several snapshots, served as exports, and a place to receive them in.</summary>
public abstract class ReceiveTest(LabFixture lab) : TransferTest
{
    private LabPool? _pool;

    private protected ZfsHost Zfs { get; } = new();
    private protected LabPool Pool => _pool!;
    private protected string From => $"{Pool.Name}/from";
    private protected string To => $"{Pool.Name}/to";

    private protected override async ValueTask SetUpAsync()
    {
        _pool = await lab.CreatePoolAsync("transfer");
        await Zfs.CreateFilesystemAsync(From, null, Cancel);
    }

    private protected override async ValueTask TearDownAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
    }

    private protected async Task SnapshotAsync(string name, int bytes = 3_000_000)
    {
        await File.WriteAllBytesAsync(Path.Combine(Pool.Mountpoint, "from", name), Bytes(bytes, seed: bytes + name.Length), Cancel);
        await Zfs.SnapshotAsync(new SnapshotName(From, name), Cancel);
    }

    private protected async Task<byte[]> SendAsync(string snapshot, string? from = null)
    {
        await using var send = await Zfs.StartSendAsync(new SnapshotName(From, snapshot), from, Cancel);
        return await ReadAsync(send);
    }

    private protected static async Task<byte[]> SendWithAsync(params string[] arguments)
    {
        await using var send = OwnedProcess.Start(new ProcessSpec("zfs", ["send", .. arguments], RedirectOutput: true));
        return await ReadAsync(send);
    }

    private static async Task<byte[]> ReadAsync(OwnedProcess send)
    {
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        Assert.Equal(0, (await send.Completion).ExitCode);
        return stream.ToArray();
    }

    private protected async Task ServeAsync(string snapshot, string? from = null) => Server.Content = StreamBytes.Gzip(await SendAsync(snapshot, from));

    private protected async Task<TransferResult> ReceiveAsync(TransferOptions? options = null, IProgress<TransferProgress>? progress = null, CancellationToken? cancel = null)
    {
        await using var sink = new DecodedSink(new ReceiveTarget(Zfs, To, new ReceiveOptions()));
        return await RunAsync(sink, options, progress, cancel: cancel);
    }

    /// <summary>Brings the target to the snapshot, by the transfer itself.</summary>
    private protected async Task GivenAsync(string snapshot)
    {
        await ServeAsync(snapshot);
        await ReceiveAsync();
    }

    private protected async Task<IReadOnlyList<(string, ulong)>> SnapshotsAsync(string dataset) =>
        [.. (await Zfs.ListSnapshotsAsync(dataset, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid))];

    /// <summary>Every file of the target's snapshot has the bytes of the source's.</summary>
    private protected async Task AssertSameFilesAsync(string snapshot)
    {
        var seen = $"{Pool.Name}/seen";
        await Zfs.CloneAsync(new SnapshotName(To, snapshot), seen, null, Cancel);
        try
        {
            var theirs = Directory.GetFiles(Path.Combine(Pool.Mountpoint, "seen"));
            Assert.Equal(Directory.GetFiles(Path.Combine(Pool.Mountpoint, "from")).Select(Path.GetFileName).Order(), theirs.Select(Path.GetFileName).Order());
            foreach (var file in theirs)
                Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Pool.Mountpoint, "from", Path.GetFileName(file)), Cancel), await File.ReadAllBytesAsync(file, Cancel));
        }
        finally
        {
            await Zfs.DestroyAsync(seen, Cancel);
        }
    }

    private protected static async Task RunZfsAsync(params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("zfs", arguments));
        var result = await process.Completion;
        Assert.True(result.ExitCode == 0, result.StandardError);
    }
}
