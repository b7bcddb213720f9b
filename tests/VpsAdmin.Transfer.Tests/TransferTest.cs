using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests;

/// <summary>A server with one file, its export, a folder to save to, and time that flies.</summary>
public abstract class TransferTest : IAsyncLifetime
{
    /// <summary>Beyond what <see cref="ImpatientTime"/> skips: stalls happen only on purpose.</summary>
    private protected static readonly TimeSpan StallTimeout = TimeSpan.FromHours(12);

    private protected static readonly TransferOptions Options = new(StallTimeout: StallTimeout);

    private protected ScriptedFileServer Server { get; private set; } = null!;
    private protected ScriptedExport Export { get; private set; } = null!;
    private protected HttpClient Http { get; } = TransferHttp.CreateClient();
    private protected ImpatientTime Time { get; } = new();
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("vpsadmin-transfer-").FullName;
    private protected string Target => Path.Combine(Folder, "snapshot.dat.gz");
    private protected string Part => Target + ".part";
    private protected string Sidecar => Target + ".part.json";
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Server = await ScriptedFileServer.StartAsync(Cancel);
        Export = new ScriptedExport(Server);
        await SetUpAsync();
    }

    private protected virtual ValueTask SetUpAsync() => ValueTask.CompletedTask;

    private protected virtual ValueTask TearDownAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await TearDownAsync();
        Http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected async Task<TransferResult> SaveAsync(
        TransferOptions? options = null, bool overwrite = false, bool resume = true, IProgress<TransferProgress>? progress = null,
        IExport? export = null, TimeProvider? time = null, CancellationToken? cancel = null)
    {
        await using var sink = new FileSink(Target, overwrite, resume);
        return await RunAsync(sink, options, progress, export, time, cancel);
    }

    private protected Task<TransferResult> RunAsync(
        TransferSink sink, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, IExport? export = null,
        TimeProvider? time = null, CancellationToken? cancel = null) =>
        new SnapshotTransfer(Http, options ?? Options, time ?? Time).RunAsync(export ?? Export, sink, progress, cancel ?? Cancel);

    private protected async Task<TransferException> FailAsync(Func<Task> transfer, TransferFailure failure)
    {
        var error = await Assert.ThrowsAsync<TransferException>(transfer);
        Assert.Equal(failure, error.Failure);
        Assert.DoesNotContain(Server.Url.AbsolutePath, error.ToString(), StringComparison.Ordinal);
        return error;
    }

    /// <summary>Waits for what something else brings about.</summary>
    private protected static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            await tick.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>The saved file is whole and nothing else is in the folder.</summary>
    private protected async Task AssertSavedAsync(byte[] content)
    {
        Assert.Equal([Path.GetFileName(Target)], Directory.GetFiles(Folder).Select(Path.GetFileName));
        Assert.Equal(content, await File.ReadAllBytesAsync(Target, Cancel));
    }

    /// <summary>A part of so many bytes, as an interrupted run leaves it.</summary>
    private protected async Task LeavePartAsync(int bytes)
    {
        Server.Script(FileAction.CutAfter(bytes), FileAction.Answer(403));
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Equal(bytes, new FileInfo(Part).Length);
    }
}
