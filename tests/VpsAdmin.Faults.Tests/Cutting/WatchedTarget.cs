using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>Who reads a decoded stream.</summary>
internal interface IWatchedReader
{
    IDecodedTarget Target { get; }

    byte[] Got { get; }

    /// <summary>It was told that this is all.</summary>
    bool IsCommitted { get; }

    /// <summary>Processes that are left of it.</summary>
    int Living { get; }
}

/// <summary>A reader of a decoded stream that keeps what it got, and whether it was told that this is all.</summary>
internal sealed class WatchedTarget : IDecodedTarget, IWatchedReader
{
    private readonly MemoryStream _got = new();

    public IDecodedTarget Target => this;

    public int Living => 0;

    public byte[] Got => _got.ToArray();

    public bool IsCommitted { get; private set; }

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel) => _got.WriteAsync(decoded, cancel);

    public Task CompleteAsync(CancellationToken cancel)
    {
        IsCommitted = true;
        return Task.CompletedTask;
    }

    public Task AbortAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
