using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>A child process that reads the stream. Whichever side dies first, the other ends: nothing waits for a reader that is gone.</summary>
/// <param name="failure">The error for a child that ended as it should not: its result, whether it ended before the stream, what writing to it failed with.</param>
internal sealed class StreamConsumer(OwnedProcess process, Func<ProcessResult, bool, IOException?, TransferException> failure) : IAsyncDisposable
{
    /// <summary>Of one that has closed its input; it has ended, or means to.</summary>
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    /// <summary>How it ended. Never faults.</summary>
    public Task<ProcessResult> Completion => process.Completion;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        if (process.Completion.IsCompleted)
            throw await DeathAsync(null).ConfigureAwait(false);
        var writing = process.StandardInput.WriteAsync(decoded, CancellationToken.None).AsTask();
        try
        {
            await writing.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw await DeathAsync(e).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A write into a full pipe ends only with its reader, and the bytes must not be reused before.
            await process.KillAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Tells it the end of the stream, and waits for its own.</summary>
    /// <exception cref="TransferException">Its exit status is not 0.</exception>
    public async Task CompleteAsync(CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw await DeathAsync(e).ConfigureAwait(false);
        }
        var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw failure(result, false, null);
    }

    public Task KillAsync() => process.KillAsync();

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task<TransferException> DeathAsync(IOException? cause)
    {
        using var patience = new CancellationTokenSource(LongestFarewell);
        try
        {
            await process.Completion.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await process.KillAsync().ConfigureAwait(false);
        }
        return failure(await process.Completion.ConfigureAwait(false), true, cause);
    }
}
