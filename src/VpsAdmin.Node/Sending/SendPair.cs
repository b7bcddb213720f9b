using VpsAdmin.Node.Exports;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Sending;

/// <summary>
/// <c>zfs send | zfs receive</c> as two owned processes, both checked. The end of the stream is kept back until the sender has ended well:
/// a receiver commits a snapshot by its last record, and a sender that failed must not look like one that was done (BUG-2).
/// </summary>
internal static class SendPair
{
    private const int BufferSize = 256 << 10;

    /// <summary>More than the records that end a stream.</summary>
    private const int KeptBack = 4 << 10;

    /// <param name="fromSnapshot">Everything since (<c>-I</c>); null: a full stream.</param>
    /// <param name="target">Made by a full stream; rolled back to its newest snapshot before an increment.</param>
    /// <exception cref="ZfsException">Either end failed; the receiver's words come first.</exception>
    public static async Task RunAsync(
        ZfsHost zfs, ZfsSnapshot snapshot, string? fromSnapshot, string target, ReceiveOptions receiving, CancellationToken cancel)
    {
        var source = await StreamSource.StartAsync(zfs, snapshot, fromSnapshot, cancel).ConfigureAwait(false);
        await using var _ = source.ConfigureAwait(false);
        var receiver = await zfs.StartReceiveAsync(target, receiving, cancel).ConfigureAwait(false);
        await using var __ = receiver.ConfigureAwait(false);
        try
        {
            var end = await CopyAsync(source, receiver.StandardInput, cancel).ConfigureAwait(false);
            await source.VerifyAsync(cancel).ConfigureAwait(false);
            await receiver.StandardInput.WriteAsync(end, cancel).ConfigureAwait(false);
            await receiver.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The receiver has gone; it tells why.
            await CheckAsync(receiver, cancel).ConfigureAwait(false);
            throw;
        }
        await CheckAsync(receiver, cancel).ConfigureAwait(false);
    }

    /// <returns>The end of the stream, not written yet.</returns>
    private static async Task<ReadOnlyMemory<byte>> CopyAsync(StreamSource source, Stream target, CancellationToken cancel)
    {
        var buffer = new byte[KeptBack + BufferSize];
        var kept = 0;
        while (await source.Output.ReadAsync(buffer.AsMemory(kept), cancel).ConfigureAwait(false) is > 0 and var read)
        {
            source.Observe(buffer.AsSpan(kept, read));
            var ready = Math.Max(0, kept + read - KeptBack);
            await target.WriteAsync(buffer.AsMemory(0, ready), cancel).ConfigureAwait(false);
            kept = kept + read - ready;
            buffer.AsSpan(ready, kept).CopyTo(buffer);
        }
        return buffer.AsMemory(0, kept);
    }

    private static async Task CheckAsync(OwnedProcess receiver, CancellationToken cancel)
    {
        var result = await receiver.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw ZfsException.From(receiver.Command, result);
    }
}
