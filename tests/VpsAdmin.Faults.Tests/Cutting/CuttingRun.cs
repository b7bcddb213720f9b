using VpsAdmin.Client;
using VpsAdmin.FaultServer;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Transfer.Tests;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>Runs a transfer as the cmdlets do, on a server that does what the case says.</summary>
internal sealed class CuttingRun : IAsyncDisposable
{
    private static readonly TransferOptions Options = new(StallTimeout: SkippedStalls.Timeout, RetryTimeout: TimeSpan.FromDays(3650), RetryCount: 40);

    private readonly CuttingCase _case;
    private readonly FaultyVpsAdmin _server;
    private readonly VpsAdminClient _client;
    private readonly CountingHandler _handler = new();
    private readonly HttpClient _http;
    private readonly ImpatientTime _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-cut-").FullName;
    private readonly long _base;
    private readonly long _snapshot;
    private readonly SkippedStalls _stalls;

    private CuttingRun(CuttingCase its, FaultyVpsAdmin server, VpsAdminClient client)
    {
        (_case, _server, _client) = (its, server, client);
        _http = new HttpClient(_handler) { Timeout = Timeout.InfiniteTimeSpan };
        _base = server.Api.AddSnapshot("2026-03-01T00:00:00").Id;
        _snapshot = server.Api.AddSnapshot("2026-03-02T00:00:00").Id;
        server.Api.Content = (_, _, _) => (its.Export, ExportContent.Damage(its.Export, its.Content));
        server.OnFiles(its.Files).OnCalls(its.Api);
        _stalls = new SkippedStalls(_time, () => server.Api.Downloads.Any(static d => d.File.Stalling > 0));
    }

    public string Target => Path.Combine(_folder, "saved");

    /// <summary>A program that reads a stream to its end, and only then says that it has it.</summary>
    public WatchedProgram Program => new(_folder);

    /// <summary>Bytes of files that were read, by all runs.</summary>
    public long Fetched => _handler.Bytes;

    /// <summary>Why a download was left on the server.</summary>
    public string? Warning { get; private set; }

    /// <summary>The server has told what download it is.</summary>
    public bool HasOpened { get; private set; }

    public IReadOnlyList<string> Left => [.. Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>What has befallen requests for files, by all runs.</summary>
    public IReadOnlyList<FileFault> Dealt => _server.Dealt;

    public IReadOnlyList<ServedDownload> Downloads => _server.Api.Downloads;

    /// <summary>The file of the download that was made last, whole, each time that the server made it.</summary>
    public IReadOnlyList<byte[]> Served => _server.Api.Ever[^1].Versions;

    public static async Task<CuttingRun> StartAsync(CuttingCase its, CancellationToken cancel)
    {
        var server = await FaultyVpsAdmin.StartAsync(cancel);
        var api = await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, null, cancel);
        return new CuttingRun(its, server, new VpsAdminClient(api));
    }

    /// <summary>From here on all goes well.</summary>
    public void Heal() => _server.Heal();

    /// <returns>Null: it ended well.</returns>
    public async Task<Exception?> SaveAsync(bool overwrite, CancellationToken cancel)
    {
        var request = new ExportRequest(_snapshot, null, ExportFormat.Archive, ReplaceOther: overwrite);
        if (!overwrite && UnfinishedTransfer.TryRead(Target) is { } unfinished)
            request = request with { DownloadId = unfinished.DownloadId };
        return await TransferAsync(request, new FileSink(Target, overwrite, resume: true, request), () => UnfinishedTransfer.TryRead(Target) is not null, cancel);
    }

    /// <returns>Null: it ended well.</returns>
    public Task<Exception?> SendAsync(IDecodedTarget target, CancellationToken cancel) =>
        TransferAsync(new ExportRequest(_snapshot, _case.Format == ExportFormat.IncrementalStream ? _base : null, _case.Format), new DecodedSink(target), static () => false, cancel);

    public async ValueTask DisposeAsync()
    {
        await _stalls.DisposeAsync();
        _http.Dispose();
        _client.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Exception?> TransferAsync(ExportRequest request, TransferSink sink, Func<bool> hasPart, CancellationToken cancel)
    {
        await using var _ = sink;
        var removal = new ExportRemoval(_client, TimeProvider.System);
        SnapshotExport? export = null;
        try
        {
            export = await SnapshotExport.OpenAsync(_client, request, Options, _time, null, cancel);
            HasOpened = true;
            await new SnapshotTransfer(_http, Options, _time).RunAsync(export, sink, null, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (export is not null)
                Warning = (await removal.AfterFailureAsync(export, e, hasPart(), cancel)).Warning;
            return e;
        }
        Warning = await removal.RunAsync(export, cancel);
        return null;
    }
}
