using System.Collections.Concurrent;

namespace VpsAdmin.Node;

/// <summary>Lets one at a time work on what has a name.</summary>
internal sealed class NamedGates
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits for its turn, which ends when the result is disposed.</summary>
    public async Task<IDisposable> EnterAsync(string name, CancellationToken cancel)
    {
        var gate = _gates.GetOrAdd(name, static _ => new(1, 1));
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
