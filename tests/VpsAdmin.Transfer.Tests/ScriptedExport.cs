using System.Collections.Concurrent;
using System.Security.Cryptography;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.Transfer.Tests;

/// <summary>The API's side of an export: a script of answers, then "ready" with the truth about the server's file.</summary>
internal sealed class ScriptedExport(ScriptedFileServer server) : IExport
{
    private readonly ConcurrentQueue<Func<ExportState>> _script = new();

    public long Id { get; init; } = 7;

    public bool IsEncrypted { get; init; }

    public int Reads { get; private set; }

    /// <summary>What the API says once the script is used up.</summary>
    public Func<ExportState>? Finally { get; set; }

    public ExportState Ready(byte[]? content = null)
    {
        var bytes = content ?? server.Content ?? [];
        return new ExportState(server.Url, true, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length >> 20);
    }

    public ExportState InProgress(long? sizeMiB = null) => new(server.Url, false, null, sizeMiB);

    public ScriptedExport Then(params Func<ExportState>[] answers)
    {
        foreach (var answer in answers)
            _script.Enqueue(answer);
        return this;
    }

    public ScriptedExport ThenInProgress(int times = 1) => Then([.. Enumerable.Repeat(() => InProgress(), times)]);

    public ScriptedExport ThenFails(Func<Exception> error, int times = 1) =>
        Then([.. Enumerable.Repeat<Func<ExportState>>(() => throw error(), times)]);

    public Task<ExportState> ReadStateAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Reads++;
        try
        {
            var answer = _script.TryDequeue(out var next) ? next : Finally ?? (() => Ready());
            return Task.FromResult(answer());
        }
        catch (Exception e)
        {
            return Task.FromException<ExportState>(e);
        }
    }
}
