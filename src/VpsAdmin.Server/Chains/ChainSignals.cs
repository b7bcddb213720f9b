using System.Threading.Channels;

namespace VpsAdmin.Server.Chains;

/// <summary>Tells the engine of new chains, and others of what became of chains.</summary>
public sealed class ChainSignals
{
    private readonly Channel<long> _started = Channel.CreateUnbounded<long>(new() { SingleReader = true });
    private TaskCompletionSource _changed = NewSource();
    private TaskCompletionSource _exportEnded = NewSource();

    /// <summary>Chains that were built since the server started.</summary>
    internal IAsyncEnumerable<long> StartedAsync(CancellationToken cancel) => _started.Reader.ReadAllAsync(cancel);

    internal void Started(long chainId) => _started.Writer.TryWrite(chainId);

    internal void Changed() => Interlocked.Exchange(ref _changed, NewSource()).SetResult();

    internal void ExportEnded() => Interlocked.Exchange(ref _exportEnded, NewSource()).SetResult();

    /// <summary>Completes with the next change of any chain, or of a migration plan. Take it before looking at the database, so that no change is missed.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    /// <summary>Completes when the next chain that makes a download has ended. To be taken like <see cref="NextChange"/>.</summary>
    public Task NextExportEnd => Volatile.Read(ref _exportEnded).Task;

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
