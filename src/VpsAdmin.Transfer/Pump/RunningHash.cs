using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// SHA-256 of what is in the sink, in order. What an earlier run left there is read back and hashed while the rest arrives: new bytes wait in
/// the sink until the reading has caught up with them; from then on they are hashed as they come. Memory stays the same.
/// </summary>
internal sealed class RunningHash : IAsyncDisposable
{
    private const int BlockSize = 1 << 20;

    private readonly Lock _gate = new();
    private IncrementalHash _hash = Begin();
    private CancellationTokenSource? _stop;
    private Task _following = Task.CompletedTask;
    private long _stored;
    private bool _isBehind;

    /// <summary>Of all that was appended, in lower-case hex. Only after <see cref="CatchUpAsync"/>.</summary>
    public string Hex => Convert.ToHexStringLower(Value);

    /// <summary>Only after <see cref="CatchUpAsync"/>.</summary>
    public byte[] Value => _hash.GetCurrentHash();

    /// <summary>True when the next block is to be hashed by <see cref="Append"/>, which may run beside its writing.</summary>
    public bool IsCurrent
    {
        get
        {
            lock (_gate)
                return !_isBehind;
        }
    }

    public void Append(ReadOnlySpan<byte> block) => _hash.AppendData(block);

    /// <summary>A block that came while not <see cref="IsCurrent"/> is in the sink now.</summary>
    public void AppendStored(ReadOnlySpan<byte> block)
    {
        lock (_gate)
        {
            _stored += block.Length;
            if (_isBehind)
                return;
        }
        // The reading ended before this block was there for it.
        Append(block);
    }

    /// <summary>Hashes the first bytes of the sink, and those that come meanwhile.</summary>
    /// <param name="length">Bytes that are there.</param>
    /// <param name="fetchAgain">Brings a damaged chunk from the server into the sink.</param>
    public void Follow(IStoredSink sink, long length, Func<long, int, CancellationToken, Task> fetchAgain, CancellationToken cancel)
    {
        _stored = length;
        _isBehind = true;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var stop = _stop.Token;
        _following = Task.Run(() => FollowAsync(sink, fetchAgain, stop), CancellationToken.None);
    }

    /// <summary>Throws what made the reading fail, if it has; does not wait.</summary>
    /// <exception cref="RewrittenException">What the server has is not what the part was made of.</exception>
    public Task CheckAsync() => _following.IsFaulted ? _following : Task.CompletedTask;

    /// <summary>Waits until all that is in the sink is hashed.</summary>
    /// <exception cref="RewrittenException">What the server has is not what the part was made of.</exception>
    public Task CatchUpAsync(CancellationToken cancel) => _following.WaitAsync(cancel);

    /// <summary>Begins anew, with nothing.</summary>
    public async Task ResetAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _following = Task.CompletedTask;
        _isBehind = false;
        _stored = 0;
        _hash.Dispose();
        _hash = Begin();
    }

    /// <summary>Returns when nothing reads the sink any more.</summary>
    public async Task StopAsync()
    {
        if (_stop is null)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _hash.Dispose();
    }

    private async Task FollowAsync(IStoredSink sink, Func<long, int, CancellationToken, Task> fetchAgain, CancellationToken cancel)
    {
        var (chunkSize, digests) = sink.Stored;
        long hashed = 0;
        foreach (var digest in digests)
        {
            await HashChunkAsync(sink, hashed, chunkSize, digest, fetchAgain, cancel).ConfigureAwait(false);
            hashed += chunkSize;
        }
        while (true)
        {
            long end;
            lock (_gate)
            {
                end = _stored;
                if (hashed == end)
                {
                    _isBehind = false;
                    return;
                }
            }
            await ReadAsync(sink, hashed, end, block => _hash.AppendData(block), cancel).ConfigureAwait(false);
            hashed = end;
        }
    }

    private async Task HashChunkAsync(
        IStoredSink sink, long offset, int size, string digest, Func<long, int, CancellationToken, Task> fetchAgain, CancellationToken cancel)
    {
        for (var isFetched = false; ; isFetched = true)
        {
            var (tried, check) = (_hash.Clone(), new XxHash128());
            await ReadAsync(sink, offset, offset + size, block =>
            {
                tried.AppendData(block);
                check.Append(block);
            }, cancel).ConfigureAwait(false);
            var isSound = ChunkDigests.TextOf(check) == digest;
            (isSound ? _hash : tried).Dispose();
            if (isSound)
            {
                _hash = tried;
                return;
            }
            if (isFetched)
                throw new RewrittenException();
            await fetchAgain(offset, size, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the next block while one is hashed.</summary>
    private static async Task ReadAsync(IStoredSink sink, long from, long to, Action<ReadOnlySpan<byte>> take, CancellationToken cancel)
    {
        var (current, next) = (ArrayPool<byte>.Shared.Rent(BlockSize), ArrayPool<byte>.Shared.Rent(BlockSize));
        try
        {
            var reading = ReadBlockAsync(sink, next, from, to, cancel);
            while (from < to)
            {
                var read = await reading.ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException("The part became shorter while it was read.");
                (current, next) = (next, current);
                from += read;
                reading = ReadBlockAsync(sink, next, from, to, cancel);
                take(current.AsSpan(0, read));
            }
            await reading.ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(current);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private static Task<int> ReadBlockAsync(IStoredSink sink, byte[] buffer, long from, long to, CancellationToken cancel) =>
        from < to ? sink.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BlockSize, to - from)), from, cancel).AsTask() : Task.FromResult(0);

    private static IncrementalHash Begin() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
}

/// <summary>The server's file is another than the one whose bytes are here. Never leaves the pump.</summary>
internal sealed class RewrittenException() : Exception("The server wrote the file anew.");
