using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using VpsAdmin.Node.Exports;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Streams;

/// <summary>
/// The sending half of a transfer between nodes, over one connection: asks what the receiver has, and sends the snapshots behind that, each as a
/// stream of its own (<c>-i</c>), so that nothing travels but what was asked for.
/// </summary>
/// <param name="source">Full name of the filesystem.</param>
/// <param name="sent">Hears how many bytes have gone out, each time.</param>
/// <param name="heard">Hears whenever the receiver has said something, if only that it is there.</param>
internal sealed class StreamSender(ZfsHost zfs, string source, SendSnapshotsInput input, TimeProvider time, Action<int> sent, Action heard)
{
    private static readonly TimeSpan LongestGreeting = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[FrameChannel.LargestData];

    /// <summary>What the receiver says next. It is listened for also while a stream goes out.</summary>
    private Task<Frame> _answer = null!;

    /// <exception cref="PeerLostException">Also when nobody is there.</exception>
    /// <exception cref="PeerFailedException"/>
    /// <exception cref="TransactionException"/>
    /// <exception cref="ZfsException"/>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var channel = await GreetAsync(socket, cancel).ConfigureAwait(false);
        await using var _ = channel.ConfigureAwait(false);
        _answer = channel.ReceiveAsync(cancel);
        try
        {
            while (await NextAsync(channel, cancel).ConfigureAwait(false) is var (snapshot, from))
                await SendAsync(channel, snapshot, from, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransactionException or ZfsException && !cancel.IsCancellationRequested)
        {
            await channel.SendFailureAsync(e.Message, cancel).ConfigureAwait(false);
            await channel.DrainAsync(_answer, cancel).ConfigureAwait(false);
            throw;
        }
        await channel.SendAsync(FrameType.Finished, ReadOnlyMemory<byte>.Empty, cancel).ConfigureAwait(false);
        if ((await channel.ReceiveAsync(cancel).ConfigureAwait(false)).Type is var answer and not FrameType.Done)
            throw new PeerLostException($"it said {answer} where {FrameType.Done} was to come.");
    }

    private async Task<FrameChannel> GreetAsync(Socket socket, CancellationToken cancel)
    {
        using var slow = new CancellationTokenSource(LongestGreeting, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, slow.Token);
        var isOther = false;
        SslStream? tls = null;
        try
        {
            var (host, port) = StreamAddress.Parse(input.Address);
            await StreamListener.Tuned(socket).ConnectAsync(host, port, either.Token).ConfigureAwait(false);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = StreamCredentials.CheckName(input.Transfer),
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    // Pinned: no authority has signed it, and none could be asked.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                        !(isOther = certificate is null || StreamCredentials.FingerprintOf(certificate) != input.Credential.Fingerprint),
                },
                either.Token).ConfigureAwait(false);
            var channel = new FrameChannel(tls, time, heard);
            await channel.SendAsync(FrameType.Hello, StreamListener.Hello(input.Credential.Secret), cancel).ConfigureAwait(false);
            return channel;
        }
        catch (AuthenticationException) when (isOther)
        {
            throw new TransactionException($"{input.Address} is not the node that was to receive: its certificate is another one.");
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            throw new PeerLostException($"it cannot be reached, or does not await this transfer: {e.Message}", e);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new PeerLostException($"it does not answer within {LongestGreeting.TotalSeconds:0} seconds.");
        }
    }

    /// <returns>What the receiver needs next, and what it has newest (null: nothing); null: it has all.</returns>
    private async Task<(ZfsSnapshot Snapshot, ZfsSnapshot? From)?> NextAsync(FrameChannel channel, CancellationToken cancel)
    {
        var state = FrameChannel.Read(await _answer.ConfigureAwait(false), FrameType.State, StreamJson.Default.ReceiverState);
        var index = state.Newest is null ? -1 : input.Snapshots.ToList().IndexOf(state.Newest);
        if (state.Newest is null ? input.FromSnapshot is not null : index < 0 && state.Newest != input.FromSnapshot)
        {
            throw new TransactionException(
                $"The receiver is not where this transfer goes on: {(state.Newest is null ? $"it has no snapshot {input.FromSnapshot}" : $"its newest snapshot is {state.Newest}")}.");
        }
        var from = state.Newest is null ? null : await zfs.GetSnapshotAsync(new(source, state.Newest), cancel).ConfigureAwait(false);
        if (from is not null && from.Guid != state.Guid)
            throw new TransactionException($"{from.Name} is not what the receiver has under that name: their guids are {from.Guid} and {state.Guid}.");
        return index + 1 == input.Snapshots.Count ? null : (await zfs.GetSnapshotAsync(new(source, input.Snapshots[index + 1]), cancel).ConfigureAwait(false), from);
    }

    private async Task SendAsync(FrameChannel channel, ZfsSnapshot snapshot, ZfsSnapshot? from, CancellationToken cancel)
    {
        var begin = new StreamBegin(snapshot.Name.Name, snapshot.Guid, from?.Guid ?? 0);
        await channel.SendAsync(FrameType.Begin, begin, StreamJson.Default.StreamBegin, cancel).ConfigureAwait(false);
        var stream = await StreamSource.StartOneAsync(zfs, snapshot, from?.Name.Name, cancel).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        _answer = channel.ReceiveAsync(cancel);
        var pumping = PumpAsync(stream, channel, cancel);
        await Task.WhenAny(pumping, _answer).ConfigureAwait(false);
        if (pumping.IsCompletedSuccessfully)
            return;

        // The child goes first: nobody else ends a read from its silent pipe.
        await stream.DisposeAsync().ConfigureAwait(false);
        await pumping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (pumping.Exception?.InnerException is TransactionException or ZfsException && !_answer.IsFaulted)
            await pumping.ConfigureAwait(false);
        // A word before the end of the stream is one of failure, and tells more than a broken connection does.
        throw new PeerLostException($"it said {(await _answer.ConfigureAwait(false)).Type} in the middle of a stream.");
    }

    private async Task PumpAsync(StreamSource stream, FrameChannel channel, CancellationToken cancel)
    {
        while (await stream.Output.ReadAsync(_buffer, cancel).ConfigureAwait(false) is > 0 and var read)
        {
            stream.Observe(_buffer.AsSpan(0, read));
            await channel.SendAsync(FrameType.Data, _buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
            sent(read);
        }
        await stream.VerifyAsync(cancel).ConfigureAwait(false);
        await channel.SendAsync(FrameType.End, ReadOnlyMemory<byte>.Empty, cancel).ConfigureAwait(false);
    }
}
