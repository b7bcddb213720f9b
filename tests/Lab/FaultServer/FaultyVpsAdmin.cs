using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.FaultServer;

/// <summary>
/// A vpsAdmin on 127.0.0.1 that does everything wrong that it is told to: an API and the web server of its files in one. In a test, or as the
/// program <c>vpsadmin-fault-server</c> with a script.
/// </summary>
public sealed class FaultyVpsAdmin : IAsyncDisposable
{
    private const string Files = "/download/";

    private readonly WebApplication _app;
    private readonly ApiFaults _apiFaults = new();
    private readonly ConcurrentQueue<FileFault> _fileFaults = new();
    private readonly ConcurrentQueue<FileFault> _dealt = new();
    private readonly ConcurrentQueue<string> _calls = new();

    private FaultyVpsAdmin(WebApplication app)
    {
        _app = app;
        Api = new ApiFront(AddressOf);
    }

    /// <summary>Of the API.</summary>
    public Uri Address => new(_app.Urls.Single());

    public ApiFront Api { get; }

    /// <summary>What is wrong with an answer to a request for a file, once the scripted ones are used up; null: nothing. Asked at each.</summary>
    public Func<FileFault?> EveryFile { get; set; } = static () => null;

    /// <summary>Method and path of each call of the API.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Of <see cref="OnFiles"/>, what has befallen a request so far.</summary>
    public IReadOnlyList<FileFault> Dealt => [.. _dealt];

    /// <summary>Bytes of files that were sent so far.</summary>
    public long BytesSent => Api.Ever.Sum(static download => download.File.BytesSent);

    /// <summary>Told of each request and what was done about it.</summary>
    public Action<string> Log { get; set; } = static _ => { };

    /// <param name="port">0: any free one.</param>
    public static async Task<FaultyVpsAdmin> StartAsync(CancellationToken cancel, int port = 0)
    {
        var app = LoopbackApp.Create(port);
        var server = new FaultyVpsAdmin(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(cancel).ConfigureAwait(false);
        return server;
    }

    /// <summary>Does what a script file says.</summary>
    /// <param name="folder">Where the files are that it names.</param>
    public FaultyVpsAdmin Play(FaultScript script, string folder)
    {
        ArgumentNullException.ThrowIfNull(script);
        var exports = script.Snapshots.ToDictionary(s => Api.AddSnapshot(s.Name, s.HistoryId), static s => s.Exports ?? []);
        Api.Content = (snapshot, from, format) =>
            exports[snapshot].FirstOrDefault(e => e.Format == format && e.From == from?.Name) is { } export
                ? (export, ExportContent.Make(export, folder, (ulong)snapshot.Id, (ulong)(from?.Id ?? 0)))
                : null;
        EveryFile = () => script.EveryFile;
        return OnFiles([.. script.Files ?? []]).OnCalls([.. script.Api ?? []]);
    }

    /// <summary>What happens to the next requests for files.</summary>
    public FaultyVpsAdmin OnFiles(params IEnumerable<FileFault> faults)
    {
        foreach (var fault in faults)
            _fileFaults.Enqueue(fault);
        return this;
    }

    public FaultyVpsAdmin OnCalls(params IEnumerable<ApiFault> faults)
    {
        foreach (var fault in faults)
            _apiFaults.Add(fault);
        return this;
    }

    /// <summary>From here on all goes well.</summary>
    public void Heal()
    {
        _fileFaults.Clear();
        _apiFaults.Clear();
        EveryFile = static () => null;
    }

    private FileFault? NextFault()
    {
        if (!_fileFaults.TryDequeue(out var fault))
            return EveryFile();
        _dealt.Enqueue(fault);
        return fault;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        Api.Dispose();
    }

    /// <summary>Where the file of a download is.</summary>
    internal Uri AddressOf(ServedDownload download) => new(Address, $"{Files}{download.Key}/file.gz");

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        try
        {
            if (path.StartsWith(Files, StringComparison.Ordinal))
                await FileAsync(context, path).ConfigureAwait(false);
            else
                await CallAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Not what the script says: whoever rehearses has to see it.
            Log($"{context.Request.Method} {path}: {e}");
            if (context.Response.HasStarted)
                context.Abort();
            else
                await Envelope.RefuseAsync(context.Response, 500, e.Message).ConfigureAwait(false);
        }
    }

    private async Task FileAsync(HttpContext context, string path)
    {
        if (Api.Downloads.FirstOrDefault(d => path.StartsWith($"{Files}{d.Key}/", StringComparison.Ordinal)) is not { } download)
        {
            context.Response.StatusCode = 404;
            Log($"GET {path}: no such file");
            return;
        }
        var before = download.File.BytesSent;
        FileFault? played = null;
        var isDone = false;
        try
        {
            await download.File.HandleAsync(context, () => (played = NextFault())?.ToAction(this, download) ?? download.File.Next()).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            var range = context.Request.Headers.Range.ToString() is { Length: > 0 } asked ? asked : "all";
            var said = played is null ? "" : $": {ToldFault.Tell(played)}";
            Log($"GET file of download {download.Id}, {range}{said}: {End(context, isDone, played is { HangUp: true })}, {download.File.BytesSent - before} bytes");
        }
    }

    private async Task CallAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, ApiFront.Local(context.Request.Path));
        _calls.Enqueue($"{method} {path}");
        var fault = _apiFaults.Next(method, path);
        var isDone = false;
        try
        {
            if (fault is null || !await fault.AnswerAsync(context, Api.AnswerAsync).ConfigureAwait(false))
                await Api.AnswerAsync(context).ConfigureAwait(false);
            isDone = true;
        }
        finally
        {
            Log($"{method} {path}{(fault is null ? "" : $": {ToldFault.Tell(fault)}")}: {End(context, isDone, fault is { HangUp: true } or { HangUpAfter: true })}");
        }
    }

    private static string End(HttpContext context, bool isDone, bool isHungUp) =>
        isHungUp ? "no answer" : isDone ? context.Response.StatusCode.ToString(CultureInfo.InvariantCulture) : context.RequestAborted.IsCancellationRequested ? "the client has gone" : "not done";
}
