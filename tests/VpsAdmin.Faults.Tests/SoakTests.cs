using System.Globalization;
using VpsAdmin.Client;
using VpsAdmin.FaultServer;
using VpsAdmin.Faults.Tests.Cutting;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Transfer.Tests;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Faults.Tests;

/// <summary>Eight transfers side by side, one after the other, with faults all the time: memory and descriptors stay what they were.</summary>
[Collection(AloneCollection.Name)]
public sealed class SoakTests : IAsyncLifetime
{
    private const int Side = 8;
    private const int Size = 2 << 20;

    /// <summary>Bytes of memory in use and descriptors that may come and go.</summary>
    private const long MemoryPlay = 24 << 20;
    private const int DescriptorPlay = 24;

    /// <summary>What befalls every second request, one after the other.</summary>
    private static readonly Func<int, FileFault>[] FileFaults =
    [
        static at => new(CutAfter: at), static at => new(CutAfter: at, Cut: CutKind.Reset), static at => new(Piece: at + 1), static _ => new(Status: 503), static _ => new(HangUp: true),
        static _ => new(IgnoreRange: true), static at => new(StallAfter: at), static _ => new(BytesPerSecond: Size * 8),
    ];

    /// <summary>What befalls the calls of every second transfer.</summary>
    private static readonly ApiFault[] ApiFaults =
    [
        new("GET /snapshot_downloads/*", Status: 503), new("POST /snapshot_downloads", HangUp: true), new("GET /snapshot_downloads/*", HangUp: true), new("GET /snapshot_downloads/*", Times: 2, Status: 502, Body: "<h1>Bad Gateway</h1>"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-soak-").FullName;
    private readonly byte[] _archive = new byte[Size];
    private readonly byte[] _stream = StreamBytes.Simple(Size, guid: 77);
    private readonly HttpClient _http = TransferHttp.CreateClient();
    private FaultyVpsAdmin _server = null!;
    private VpsAdminClient _client = null!;
    private int _transfers;
    private int _requests;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Random.Shared.NextBytes(_archive);
        _server = await FaultyVpsAdmin.StartAsync(Cancel);
        var compressed = StreamBytes.Gzip(_stream, members: 2);
        _server.Api.Content = (_, _, format) => (new ExportScript(format), format == "archive" ? _archive : compressed);
        _server.EveryFile = Fault;
        _client = new VpsAdminClient(await HaveApiClient.ConnectAsync(_server.Address, new NoAuthentication(), null, null, Cancel));
    }

    [Fact]
    public async Task Memory_and_descriptors_stay_flat()
    {
        // Half of the time for everything to get its size: pools, compiled code, buffers of the kernel.
        await TransferAsync(Extent.Soak / 2);
        var before = Measure();
        await TransferAsync(Extent.Soak / 2);
        var after = Measure();
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
            $"{_transfers} transfers, {_requests / 2} faults of files; memory {before.Memory >> 20} to {after.Memory >> 20} MiB, peak {before.PeakKiB >> 10} to {after.PeakKiB >> 10} MiB, descriptors {before.Descriptors} to {after.Descriptors}."));
        Assert.True(_transfers >= Side * 2, $"There were {_transfers} transfers.");
        // Each fault has been there.
        Assert.True(_requests >= FileFaults.Length * 2, $"There were {_requests} requests for files.");
        Assert.True(after.Memory <= before.Memory + MemoryPlay, $"Memory grew from {before.Memory} to {after.Memory} bytes in {_transfers} transfers.");
        Assert.True(after.Descriptors <= before.Descriptors + DescriptorPlay, $"Descriptors grew from {before.Descriptors} to {after.Descriptors} in {_transfers} transfers.");
        Assert.Empty(_server.Api.Downloads);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _client.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task TransferAsync(TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        await Task.WhenAll(Enumerable.Range(0, Side).Select(n => Task.Run(async () =>
        {
            do
                await TransferAsync(n);
            while (!end.IsCancellationRequested);
        }, Cancel)));
    }

    private async Task TransferAsync(int n)
    {
        var time = new ImpatientTime();
        var options = new TransferOptions(StallTimeout: SkippedStalls.Timeout, RetryCount: 1000, RetryTimeout: TimeSpan.FromDays(36500));
        var snapshot = _server.Api.AddSnapshot("2026-03-02T00:00:00");
        // Whoever stalls: a connection that is silent behind a whole body may be another transfer's next one.
        await using var stalls = new SkippedStalls(time, () => _server.Api.Ever.Any(static d => d.File.Stalling > 0));
        var count = Interlocked.Increment(ref _transfers);
        if (count % 2 == 0)
            _server.OnCalls(ApiFaults[count / 2 % ApiFaults.Length]);
        var path = Path.Combine(_folder, $"{n}");
        var target = new WatchedTarget();
        var isArchive = Random.Shared.Next(2) == 0;
        await using TransferSink sink = isArchive ? new FileSink(path, overwrite: false, resume: true) : new DecodedSink(target);
        var export = await SnapshotExport.OpenAsync(_client, new ExportRequest(snapshot.Id, null, isArchive ? ExportFormat.Archive : ExportFormat.Stream), options, time, null, Cancel);
        await new SnapshotTransfer(_http, options, time).RunAsync(export, sink, null, Cancel);
        Assert.Null(await new ExportRemoval(_client, TimeProvider.System).RunAsync(export, Cancel));
        if (isArchive)
            Assert.Equal(_archive, await File.ReadAllBytesAsync(path, Cancel));
        else
            Assert.Equal(_stream, target.Got);
        File.Delete(path);
        _server.Api.Forget(snapshot);
    }

    private FileFault? Fault()
    {
        var turn = Interlocked.Increment(ref _requests);
        return turn % 2 == 0 ? FileFaults[turn / 2 % FileFaults.Length](Random.Shared.Next(Size)) : null;
    }

    private static (long Memory, long PeakKiB, int Descriptors) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), Processes.PeakKiB, Processes.Descriptors);
    }
}
