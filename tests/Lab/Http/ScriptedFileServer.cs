using Microsoft.AspNetCore.Builder;

namespace VpsAdmin.Lab.Http;

/// <summary>A web server on 127.0.0.1 with one <see cref="ScriptedFile"/>, whatever path is asked for.</summary>
public sealed class ScriptedFileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedFileServer(WebApplication app) => _app = app;

    public ScriptedFile File { get; } = new();

    /// <summary>The file.</summary>
    public Uri Url { get; private set; } = null!;

    /// <inheritdoc cref="ScriptedFile.Requests"/>
    public IReadOnlyList<RecordedRequest> Requests => File.Requests;

    public long BytesSent => File.BytesSent;

    /// <inheritdoc cref="ScriptedFile.ETag"/>
    public string? ETag { get => File.ETag; set => File.ETag = value; }

    /// <inheritdoc cref="ScriptedFile.LastModified"/>
    public DateTimeOffset? LastModified { get => File.LastModified; set => File.LastModified = value; }

    /// <inheritdoc cref="ScriptedFile.Content"/>
    public byte[]? Content { get => File.Content; set => File.Content = value; }

    public static async Task<ScriptedFileServer> StartAsync(CancellationToken cancel)
    {
        var app = LoopbackApp.Create();
        var server = new ScriptedFileServer(app);
        app.Run(server.File.HandleAsync);
        await app.StartAsync(cancel).ConfigureAwait(false);
        server.Url = new Uri(new Uri(app.Urls.Single()), "/node1.example.org/1/0123456789abcdef/snapshot.dat.gz");
        return server;
    }

    /// <inheritdoc cref="ScriptedFile.Script"/>
    public ScriptedFileServer Script(params IEnumerable<FileAction> actions)
    {
        File.Script(actions);
        return this;
    }

    /// <inheritdoc cref="ScriptedFile.ScriptRange"/>
    public ScriptedFileServer ScriptRange(long from, FileAction action)
    {
        File.ScriptRange(from, action);
        return this;
    }

    /// <inheritdoc cref="ScriptedFile.WaitForStallAsync"/>
    public Task WaitForStallAsync(CancellationToken cancel) => File.WaitForStallAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        File.Dispose();
    }
}
