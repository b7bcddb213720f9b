using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// A sink whose bytes can be read again. It does not hash in <see cref="TransferSink.OpenAsync"/> what is there already: the pump does, while
/// the rest arrives.
/// </summary>
internal interface IStoredSink
{
    /// <summary>What an earlier run wrote: whole chunks and their digests.</summary>
    StoredChunks Stored { get; }

    /// <summary>The server's file as an earlier run saw it when it was complete; null when none did.</summary>
    RemoteFile? Remote { get; }

    /// <summary>How the complete file of the server looks, for later runs.</summary>
    void Learn(RemoteFile remote);

    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancel);

    /// <summary>Writes over damaged bytes. Safe beside <see cref="TransferSink.WriteAsync"/>.</summary>
    ValueTask RepairAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancel);
}

/// <param name="ChunkSize">Bytes.</param>
/// <param name="Digests">Of the first chunks, in order (<see cref="ChunkDigests.TextOf"/>).</param>
internal sealed record StoredChunks(int ChunkSize, IReadOnlyList<string> Digests);
