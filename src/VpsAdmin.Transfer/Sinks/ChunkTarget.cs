using System.Threading.Channels;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// Fresh arrays of up to 80,000 bytes (below the large object heap) in a bounded channel, for a pipeline thread to pull.
/// </summary>
public sealed class ChunkTarget : IDecodedTarget
{
    private const int ChunkSize = 80_000;
    private const int MostChunks = 16;

    private readonly Channel<byte[]> _chunks = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostChunks) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Completes after the last chunk of a verified stream; faults with the transfer's error otherwise.</summary>
    public ChannelReader<byte[]> Chunks => _chunks.Reader;

    /// <summary>The puller is gone: the next write fails, so that the transfer stops.</summary>
    public void Close()
    {
        // First, so that whoever finds the channel closed can tell why.
        _gone.Cancel();
        _chunks.Writer.TryComplete();
    }

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        while (!decoded.IsEmpty)
        {
            var chunk = decoded[..Math.Min(ChunkSize, decoded.Length)];
            try
            {
                await _chunks.Writer.WriteAsync(chunk.ToArray(), cancel).ConfigureAwait(false);
            }
            catch (ChannelClosedException e)
            {
                throw Gone(e);
            }
            decoded = decoded[chunk.Length..];
        }
    }

    /// <summary>Waits until the last chunk is pulled: a transfer whose reader left early has not succeeded.</summary>
    public async Task CompleteAsync(CancellationToken cancel)
    {
        _chunks.Writer.TryComplete();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _gone.Token);
        try
        {
            await _chunks.Reader.Completion.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw Gone(e);
        }
    }

    public Task AbortAsync() => AbortAsync(null);

    public Task AbortAsync(Exception? reason)
    {
        _chunks.Writer.TryComplete(reason ?? new TransferException(TransferFailure.SinkFailed, "The transfer was aborted."));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private static TransferException Gone(Exception e) => new(TransferFailure.SinkFailed, "The reader of the stream went away before its end.", e);
}
