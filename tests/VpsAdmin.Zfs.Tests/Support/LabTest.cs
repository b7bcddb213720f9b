using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests.Support;

/// <summary>A test class on a pool of its own for each test.</summary>
public abstract class LabTest(LabFixture lab) : IAsyncLifetime
{
    private LabPool? _pool;

    protected ZfsHost Zfs { get; } = new();

    protected LabPool Pool => _pool!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _pool = await lab.CreatePoolAsync("zfs");

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected string Name(string path) => $"{Pool.Name}/{path}";

    protected SnapshotName Snapshot(string path, string name) => new(Name(path), name);

    protected async Task CreateAsync(string path) => await Zfs.CreateFilesystemAsync(Name(path), null, Cancel);

    protected Task WriteAsync(string path, string file, int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        return File.WriteAllBytesAsync(Path.Combine(Pool.Mountpoint, path, file), content, Cancel);
    }

    /// <summary>Runs zfs for what the host has no method for.</summary>
    protected static async Task RunZfsAsync(params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("zfs", arguments));
        var result = await process.Completion;
        Assert.True(result.ExitCode == 0, result.StandardError);
    }

    protected async Task TransferAsync(SnapshotName snapshot, string? from, string target, ReceiveOptions? options = null)
    {
        await using var send = await Zfs.StartSendAsync(snapshot, from, Cancel);
        await using var receive = await Zfs.StartReceiveAsync(target, options ?? new(), Cancel);
        try
        {
            await send.StandardOutput.CopyToAsync(receive.StandardInput, Cancel);
        }
        catch (IOException)
        {
            // One of the two has ended; its status tells why.
            await send.KillAsync();
        }
        await receive.StandardInput.DisposeAsync();
        foreach (var process in new[] { receive, send })
        {
            var result = await process.Completion;
            if (result.ExitCode != 0)
                throw ZfsException.From(process.Command, result);
        }
    }

    /// <summary>zfs-fuse takes back what a killed receive has written when its daemon sees the end of the pipe, not before the exit.</summary>
    protected async Task UntilGoneAsync(string dataset)
    {
        while (await Zfs.ExistsAsync(dataset, Cancel))
            await Task.Yield();
    }

    /// <summary>
    /// For right after a receive that was killed or refused. The daemon of zfs-fuse still works on what was in the pipe, for a moment that nothing announces, and
    /// calls the dataset busy, modified or not there until it has taken its work back.
    /// </summary>
    protected async Task TransferWhenFreeAsync(SnapshotName snapshot, string? from, string target, ReceiveOptions? options = null)
    {
        while (true)
        {
            try
            {
                await TransferAsync(snapshot, from, target, options);
                return;
            }
            catch (ZfsException e) when (e.Failure is ZfsFailure.Busy or ZfsFailure.NotFound || e.StandardError.Contains("has been modified", StringComparison.Ordinal))
            {
                Cancel.ThrowIfCancellationRequested();
            }
        }
    }

    protected async Task<byte[]> SendAsync(SnapshotName snapshot, string? from)
    {
        await using var send = await Zfs.StartSendAsync(snapshot, from, Cancel);
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        Assert.Equal(0, (await send.Completion).ExitCode);
        return stream.ToArray();
    }
}
