using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>A reader of the decoded ZFS stream: a process, or a pipeline.</summary>
public interface IDecodedTarget : IAsyncDisposable
{
    /// <summary>
    /// It does with a stream what the stream says: one that brings other filesystems or properties (<c>send -R</c>, <c>-p</c>) is refused before the target gets a byte of them.
    /// </summary>
    bool OneDataset => false;

    /// <summary>Called before the first byte.</summary>
    Task OpenAsync(CancellationToken cancel);

    /// <param name="begun">The streams that have begun by then, the first at least: for targets that look at what they are about to get.</param>
    Task OpenAsync(IReadOnlyList<ReplaySubstream> begun, CancellationToken cancel) => OpenAsync(cancel);

    /// <exception cref="TransferException"><see cref="TransferFailure.SinkFailed"/>, as soon as the reader is gone.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel);

    /// <summary>The stream was verified and its last bytes are written: close, wait for the reader, check its status.</summary>
    Task CompleteAsync(CancellationToken cancel);

    /// <summary>Kill the reader before it can finish; undo what it finished already. Also called when it was never opened.</summary>
    Task AbortAsync();

    /// <param name="reason">What the transfer ends with, for targets that pass it on.</param>
    Task AbortAsync(Exception? reason) => AbortAsync();

    /// <param name="delivered">The streams whose last byte may have reached the reader: no others can have been finished by it.</param>
    Task AbortAsync(Exception? reason, IReadOnlyList<ReplaySubstream> delivered) => AbortAsync(reason);
}
