using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VpsAdmin.Node.Streams;

/// <summary>
/// Frames over a connection. Each end says now and then that it is there, so that one that is silent is gone, however long <c>zfs</c> takes: nobody
/// waits for a node that has lost its power. A frame that does not arrive within the same time is as good as none.
/// </summary>
internal sealed class FrameChannel : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    public const int LargestData = 256 << 10;

    public static readonly TimeSpan AliveEvery = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private const int HeaderSize = 5;
    private const int LargestWords = 8 << 10;

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _silent = new();
    private readonly byte[] _outgoing = new byte[HeaderSize + LargestData];
    private readonly byte[] _incoming = new byte[HeaderSize + LargestData];
    private readonly Task _keeping;
    private long _waitingSince = -1;
    private bool _isDisposed;

    public FrameChannel(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _keeping = KeepAsync();
    }

    /// <exception cref="PeerLostException"/>
    public async Task SendAsync(FrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        // Who is silent may not read either: a write into full buffers would wait for as long as the kernel does.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _silent.Token);
        var isMine = false;
        try
        {
            await _sending.WaitAsync(either.Token).ConfigureAwait(false);
            isMine = true;
            _outgoing[0] = (byte)type;
            BinaryPrimitives.WriteInt32BigEndian(_outgoing.AsSpan(1), payload.Length);
            payload.CopyTo(_outgoing.AsMemory(HeaderSize));
            await _stream.WriteAsync(_outgoing.AsMemory(0, HeaderSize + payload.Length), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_silent.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Silence();
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            throw new PeerLostException($"the connection broke: {e.Message}", e);
        }
        finally
        {
            if (isMine)
                _sending.Release();
        }
    }

    public Task SendAsync<T>(FrameType type, T value, JsonTypeInfo<T> json, CancellationToken cancel) => SendAsync(type, JsonSerializer.SerializeToUtf8Bytes(value, json), cancel);

    /// <summary>Says why it cannot be, where the other end still listens.</summary>
    public async Task SendFailureAsync(string reason, CancellationToken cancel)
    {
        try
        {
            var words = Encoding.UTF8.GetBytes(reason);
            await SendAsync(FrameType.Failed, words.AsMemory(0, Math.Min(words.Length, LargestWords)), cancel).ConfigureAwait(false);
        }
        catch (PeerLostException)
        {
            // It will see for itself that nothing more comes.
        }
    }

    /// <summary>The next frame that says something. One reader.</summary>
    /// <exception cref="PeerLostException"/>
    /// <exception cref="PeerFailedException">The other end says that it cannot be.</exception>
    public async Task<Frame> ReceiveAsync(CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _silent.Token);
        try
        {
            while (true)
            {
                Interlocked.Exchange(ref _waitingSince, _time.GetTimestamp());
                await _stream.ReadExactlyAsync(_incoming.AsMemory(0, HeaderSize), either.Token).ConfigureAwait(false);
                var type = (FrameType)_incoming[0];
                var length = BinaryPrimitives.ReadInt32BigEndian(_incoming.AsSpan(1));
                if (!Enum.IsDefined(type) || length is < 0 or > LargestData)
                    throw new PeerLostException("what it says makes no sense.");
                await _stream.ReadExactlyAsync(_incoming.AsMemory(HeaderSize, length), either.Token).ConfigureAwait(false);
                var payload = _incoming.AsMemory(HeaderSize, length);
                if (type is FrameType.Failed)
                    throw new PeerFailedException(OneLine(Encoding.UTF8.GetString(payload.Span)));
                if (type is not FrameType.Alive)
                    return new(type, payload);
            }
        }
        catch (OperationCanceledException) when (_silent.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Silence();
        }
        catch (Exception e) when (IsLoss(e, cancel))
        {
            throw new PeerLostException($"the connection broke: {e.Message}", e);
        }
        finally
        {
            Interlocked.Exchange(ref _waitingSince, -1);
        }
    }

    /// <exception cref="PeerLostException">It is another frame, or is not understood.</exception>
    public static T Read<T>(Frame frame, FrameType type, JsonTypeInfo<T> json) where T : class
    {
        try
        {
            if (frame.Type == type && JsonSerializer.Deserialize(frame.Payload.Span, json) is { } value)
                return value;
        }
        catch (JsonException)
        {
            // As below.
        }
        throw new PeerLostException($"it said {frame.Type} where {type} was to come.");
    }

    /// <summary>
    /// Reads until the other end hangs up. What was said last would be lost when the connection is closed with bytes that nobody has read (RFC 1122, 4.2.2.13),
    /// or under a read that waits, which .NET aborts by a reset.
    /// </summary>
    /// <param name="reading">The read that is under way; null: none.</param>
    public async Task DrainAsync(Task<Frame>? reading, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AliveEvery, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            if (reading is not null)
                await reading.WaitAsync(either.Token).ConfigureAwait(false);
            while (true)
                await ReceiveAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PeerLostException or PeerFailedException or OperationCanceledException)
        {
            // It has hung up, or has had the time to.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _end.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _end.Dispose();
        _silent.Dispose();
        _sending.Dispose();
    }

    private async Task KeepAsync()
    {
        using var beat = new PeriodicTimer(AliveEvery, _time);
        var saying = Task.CompletedTask;
        try
        {
            while (await beat.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                // Only while somebody waits for a frame: an end that is busy with zfs does not read, and says so by its own beat.
                if (Interlocked.Read(ref _waitingSince) is >= 0 and var since && _time.GetElapsedTime(since) >= LongestSilence)
                    await _silent.CancelAsync().ConfigureAwait(false);
                // Whoever sends something says by that that it is there.
                // It is not waited for: the other end may not read just now, and its silence is to be noticed all the same.
                if (_sending.CurrentCount > 0 && saying.IsCompleted)
                    saying = SayAliveAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        await saying.ConfigureAwait(false);
    }

    private async Task SayAliveAsync()
    {
        try
        {
            await SendAsync(FrameType.Alive, ReadOnlyMemory<byte>.Empty, _end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or PeerLostException)
        {
            // The end; whoever reads or writes has the reason.
        }
    }

    private static PeerLostException Silence() => new($"nothing was heard of it for {LongestSilence.TotalSeconds:0} seconds.");

    private static bool IsLoss(Exception e, CancellationToken cancel) => e is IOException or ObjectDisposedException && !cancel.IsCancellationRequested;

    private static string OneLine(string words) => string.Concat(words.ReplaceLineEndings(" ").Where(static c => !char.IsControl(c)));
}
