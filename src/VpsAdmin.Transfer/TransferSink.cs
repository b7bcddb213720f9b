namespace VpsAdmin.Transfer;

/// <summary>
/// Where the server's bytes go. The pump calls in this order: <see cref="OpenAsync"/>; <see cref="WriteAsync"/> many times, or
/// <see cref="RestartAsync"/>; then <see cref="CommitAsync"/>. When any of these throws or the transfer fails,
/// <see cref="AbortAsync(bool, Exception?)"/> follows, once. Nothing that a reader would take for finished may exist before
/// <see cref="CommitAsync"/>.
/// </summary>
public abstract class TransferSink : IAsyncDisposable
{
    /// <summary>Opens the target and tells how many bytes of this export are already there (0 for most).</summary>
    /// <param name="hash">Receives the bytes that are already there, in order.</param>
    public abstract Task<long> OpenAsync(IExport export, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel);

    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancel);

    /// <summary>The server's file was rewritten: forget all bytes. False: this sink cannot.</summary>
    public abstract Task<bool> RestartAsync(CancellationToken cancel);

    /// <summary>All bytes are here and verified: finish, durably.</summary>
    public abstract Task CommitAsync(CancellationToken cancel);

    /// <summary>The transfer failed or was cancelled: leave nothing that looks finished. Must not throw for what is already gone.</summary>
    public abstract Task AbortAsync(bool keepPart);

    /// <param name="reason">What the transfer ends with, for sinks that pass it on.</param>
    public virtual Task AbortAsync(bool keepPart, Exception? reason) => AbortAsync(keepPart);

    public abstract ValueTask DisposeAsync();
}
