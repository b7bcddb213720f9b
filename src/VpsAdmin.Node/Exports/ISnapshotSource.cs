namespace VpsAdmin.Node.Exports;

/// <summary>A snapshot's bytes as a child process writes them. Disposing leaves neither the process nor what it needed behind.</summary>
internal interface ISnapshotSource : IAsyncDisposable
{
    Stream Output { get; }

    /// <summary>Sees all bytes of <see cref="Output"/>, in order.</summary>
    void Observe(ReadOnlySpan<byte> bytes);

    /// <summary>After the end of <see cref="Output"/>: was that all of it? A pipe ends in the same way for a child that failed (BUG-2).</summary>
    /// <exception cref="VpsAdmin.Zfs.ZfsException">The child failed.</exception>
    /// <exception cref="TransactionException">The bytes are not all of the snapshot.</exception>
    Task VerifyAsync(CancellationToken cancel);
}
