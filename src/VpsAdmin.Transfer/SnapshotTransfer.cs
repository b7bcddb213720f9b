using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer;

/// <summary>
/// The pump: moves one export from the server into a sink, over any number of connections, hashing as it goes and committing last.
/// Every byte of the product goes through here. Runs may overlap. All transfers of a process that have the same
/// rate limit share it.
/// </summary>
public sealed class SnapshotTransfer
{
    private readonly HttpClient _http;
    private readonly TransferOptions _options;
    private readonly TimeProvider _time;
    private readonly TokenBucket? _bucket;

    /// <param name="http">From <see cref="TransferHttp.CreateClient"/>, or one with the same manners.</param>
    /// <exception cref="ArgumentException">The client would send credentials to the file's address.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit that is not positive.</exception>
    public SnapshotTransfer(HttpClient http, TransferOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.RetryCount);
        if (http.DefaultRequestHeaders.Authorization is not null)
            throw new ArgumentException("The file's address is its own key; credentials must not be sent to it.", nameof(http));
        _http = http;
        _options = options;
        _time = time;
        _bucket = options.MaxBytesPerSecond is { } rate ? TokenBucket.Shared(rate, time) : null;
    }

    /// <summary>Moves the export into the sink. Does not dispose the sink.</summary>
    /// <exception cref="TransferException"/>
    /// <exception cref="OperationCanceledException">The sink was aborted, keeping its part.</exception>
    public async Task<TransferResult> RunAsync(
        IExport export, TransferSink sink, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentNullException.ThrowIfNull(sink);
        var run = new TransferRun(_http, _options, _time, _bucket, export, sink, progress);
        await using var _ = run.ConfigureAwait(false);
        return await run.RunAsync(cancel).ConfigureAwait(false);
    }
}
