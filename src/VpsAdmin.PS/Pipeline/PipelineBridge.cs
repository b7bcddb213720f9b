using System.Management.Automation;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace VpsAdmin.PS.Pipeline;

/// <summary>Bytes for the pipeline: pulled by the pipeline thread itself, as fast as <paramref name="Emit"/> takes them.</summary>
internal sealed record ByteSource(ChannelReader<byte[]> Chunks, Action<byte[]> Emit);

/// <summary>
/// Runs asynchronous work for a cmdlet. The pipeline thread, the only one that may write to the pipeline, speaks the work's messages
/// meanwhile. It does not return before the work has ended, so that nothing of it is left when the cmdlet is stopped.
/// </summary>
internal sealed class PipelineBridge(Cmdlet cmdlet, CancellationToken stopping)
{
    /// <summary>What the pipeline answered when it would hear no more: it is being stopped, its reader is gone, a preference says Stop.</summary>
    private ExceptionDispatchInfo? _refusal;

    public T Run<T>(Func<PipelineMessages, CancellationToken, Task<T>> work, ByteSource? bytes = null)
    {
        var messages = new PipelineMessages();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var task = Task.Run(() => CompleteAsync(work, messages, cancel.Token), CancellationToken.None);
        Pump(messages.Reader, bytes, cancel);
        try
        {
            var result = task.GetAwaiter().GetResult();
            _refusal?.Throw();
            return result;
        }
        catch (Exception) when (_refusal is not null)
        {
            _refusal.Throw();
            throw;
        }
        catch (Exception e) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException(e.Message, e);
        }
    }

    private static async Task<T> CompleteAsync<T>(
        Func<PipelineMessages, CancellationToken, Task<T>> work, PipelineMessages messages, CancellationToken cancel)
    {
        try
        {
            return await work(messages, cancel).ConfigureAwait(false);
        }
        finally
        {
            messages.Complete();
        }
    }

    /// <summary>Ends when the work has ended and all that it left is delivered.</summary>
    private void Pump(ChannelReader<Action<Cmdlet>> messages, ByteSource? bytes, CancellationTokenSource cancel)
    {
        // Kept until they complete, for each is a waiter in its channel.
        Task? moreMessages = null;
        Task? moreBytes = null;
        while (true)
        {
            // Asked before reading: what the work left is in the channels by then.
            var ended = messages.Completion.IsCompleted;
            if (messages.TryRead(out var message))
                Deliver(message, cmdlet, cancel);
            else if (_refusal is null && bytes is not null && bytes.Chunks.TryRead(out var chunk))
                Deliver(bytes.Emit, chunk, cancel);
            else if (ended)
                return;
            else if (_refusal is null && bytes is { Chunks.Completion.IsCompleted: false })
                Task.WaitAny(moreMessages = Waiter(moreMessages, messages), moreBytes = Waiter(moreBytes, bytes.Chunks));
            else
                Task.WaitAny(moreMessages = Waiter(moreMessages, messages));
        }
    }

    private static Task Waiter<T>(Task? pending, ChannelReader<T> reader) =>
        pending is { IsCompleted: false } ? pending : reader.WaitToReadAsync(CancellationToken.None).AsTask();

    private void Deliver<T>(Action<T> receiver, T item, CancellationTokenSource cancel)
    {
        if (_refusal is not null)
            return;
        try
        {
            receiver(item);
        }
        catch (Exception e)
        {
            _refusal = ExceptionDispatchInfo.Capture(e);
            cancel.Cancel();
        }
    }
}
