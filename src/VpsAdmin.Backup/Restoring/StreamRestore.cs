using System.Buffers;
using System.IO.Compression;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Backup.Restoring;

/// <param name="Bytes">Of the stream, before compression.</param>
/// <param name="Sha256">Of what the target got.</param>
internal sealed record SentStream(long Bytes, string Sha256);

/// <summary>
/// <c>zfs send</c> of a local snapshot into a target: a <c>zfs receive</c> or a file. The exit status of either end counts, and the stream's own
/// end record; without all of them the target is as it was.
/// </summary>
internal sealed class StreamRestore(ZfsHost zfs)
{
    private const int BufferSize = 1 << 20;

    public async Task<SentStream> RunAsync(
        SnapshotName snapshot, IDecodedTarget target, bool compress, long? estimate, IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var stream = new ReplayStream();
        try
        {
            await target.OpenAsync(cancel).ConfigureAwait(false);
            var send = await zfs.StartSendAsync(snapshot, fromSnapshot: null, cancel).ConfigureAwait(false);
            await using (send.ConfigureAwait(false))
            {
                var sha256 = await PumpAsync(send, stream, target, compress, snapshot, estimate, progress, cancel).ConfigureAwait(false);
                await target.CompleteAsync(cancel).ConfigureAwait(false);
                return new SentStream(stream.Position, sha256);
            }
        }
        catch (Exception e)
        {
            await target.AbortAsync(e, stream.EndedBefore(stream.Position)).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<string> PumpAsync(
        OwnedProcess send, ReplayStream stream, IDecodedTarget target, bool compress, SnapshotName snapshot, long? estimate,
        IProgress<RestoreProgress>? progress, CancellationToken cancel)
    {
        var output = new TargetStream(target, cancel);
        await using (output.ConfigureAwait(false))
        {
            var gzip = compress ? new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true) : null;
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                int read;
                while ((read = await send.StandardOutput.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
                {
                    Check(stream, buffer.AsSpan(0, read), snapshot);
                    await (gzip ?? (Stream)output).WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
                    progress?.Report(new RestoreProgress($"Sending {snapshot}", stream.Position, estimate));
                }
                await CheckAsync(send, stream, snapshot, cancel).ConfigureAwait(false);
                if (gzip is not null)
                    await gzip.DisposeAsync().ConfigureAwait(false);
                return output.Sha256();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static void Check(ReplayStream stream, ReadOnlySpan<byte> bytes, SnapshotName snapshot)
    {
        try
        {
            stream.Read(bytes);
        }
        catch (ReplayException e)
        {
            throw new TransferException(TransferFailure.BadStream, $"What zfs send made of '{snapshot}' is no sound stream: {e.Message}", e);
        }
    }

    private static async Task CheckAsync(OwnedProcess send, ReplayStream stream, SnapshotName snapshot, CancellationToken cancel)
    {
        var result = await send.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw ZfsException.From(send.Command, result);
        if (!stream.IsComplete)
            throw new TransferException(TransferFailure.BadStream, $"zfs send of '{snapshot}' says that it succeeded, but its stream ends at byte {stream.Position} without an end record.");
    }
}
