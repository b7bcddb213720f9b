using VpsAdmin.Node.Sending;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Node.Streams;

/// <summary>
/// The receiving half of a transfer between nodes: says what it has, and receives one snapshot after another until it has all. <c>zfs receive</c>
/// gets the end of a stream, by which it commits the snapshot, only when the sender's <c>zfs send</c> has ended well; else it is killed before.
/// </summary>
internal sealed class StreamReceiver(ZfsHost zfs, AwaitedTransfer awaited, TimeProvider time)
{
    /// <summary>More than the record that ends a stream.</summary>
    private const int KeptBack = 4 << 10;

    private readonly SendTarget _target = new(zfs, awaited.Target);

    /// <exception cref="PeerLostException"/>
    /// <exception cref="PeerFailedException"/>
    /// <exception cref="TransactionException"/>
    /// <exception cref="ZfsException"/>
    public async Task RunAsync(FrameChannel channel, CancellationToken cancel)
    {
        while (true)
        {
            var newest = await _target.NewestWhenSettledAsync(time, cancel).ConfigureAwait(false);
            var state = new ReceiverState(newest?.Name.Name, newest?.Guid ?? 0);
            await channel.SendAsync(FrameType.State, state, StreamJson.Default.ReceiverState, cancel).ConfigureAwait(false);
            var frame = await channel.ReceiveAsync(cancel).ConfigureAwait(false);
            if (frame.Type is FrameType.Finished)
                break;
            var begin = FrameChannel.Read(frame, FrameType.Begin, StreamJson.Default.StreamBegin);
            Check(begin, newest);
            await ReceiveAsync(channel, begin, cancel).ConfigureAwait(false);
        }
        await _target.RequireAsync(awaited.Snapshots, cancel).ConfigureAwait(false);
        await channel.SendAsync(FrameType.Done, ReadOnlyMemory<byte>.Empty, cancel).ConfigureAwait(false);
        await channel.DrainAsync(reading: null, cancel).ConfigureAwait(false);
    }

    /// <summary>Only what is awaited, in its order, and onto what is there: nothing is forced out of the way.</summary>
    private void Check(StreamBegin begin, ZfsSnapshot? newest)
    {
        var index = newest is null ? 0 : awaited.Snapshots.ToList().IndexOf(newest.Name.Name) + 1;
        if (newest is null ? awaited.FromSnapshot is not null : index == 0 && newest.Name.Name != awaited.FromSnapshot)
            throw new TransactionException($"{_target.Dataset} is not where this transfer goes on: {(newest is null ? $"it has no snapshot {awaited.FromSnapshot}" : $"its newest snapshot is {newest.Name.Name}")}.");
        if (index == awaited.Snapshots.Count || begin.Snapshot != awaited.Snapshots[index] || begin.FromGuid != (newest?.Guid ?? 0))
            throw new TransactionException($"The stream that was announced for {_target.Dataset} is not the one that comes next.");
    }

    private async Task ReceiveAsync(FrameChannel channel, StreamBegin begin, CancellationToken cancel)
    {
        var receive = await zfs.StartReceiveAsync(_target.Dataset, new ReceiveOptions(Force: begin.FromGuid != 0), cancel).ConfigureAwait(false);
        await using var _ = receive.ConfigureAwait(false);
        // Nobody but the child's end stops a write into its full pipe.
        using var stopping = cancel.Register(static child => ((OwnedProcess)child!).KillAsync(), receive);
        try
        {
            var end = await CopyAsync(channel, begin, receive.StandardInput, cancel).ConfigureAwait(false);
            await receive.StandardInput.WriteAsync(end, cancel).ConfigureAwait(false);
            await receive.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException && !cancel.IsCancellationRequested)
        {
            // The receiver has gone; it tells why.
            await CheckAsync(receive, cancel).ConfigureAwait(false);
            throw;
        }
        await CheckAsync(receive, cancel).ConfigureAwait(false);
    }

    /// <returns>The end of the stream, not written yet.</returns>
    private async Task<ReadOnlyMemory<byte>> CopyAsync(FrameChannel channel, StreamBegin begin, Stream target, CancellationToken cancel)
    {
        var stream = new ReplayStream();
        var kept = new byte[KeptBack + FrameChannel.LargestData];
        var count = 0;
        while (await channel.ReceiveAsync(cancel).ConfigureAwait(false) is { Type: not FrameType.End } frame)
        {
            if (frame.Type is not FrameType.Data)
                throw new PeerLostException($"it said {frame.Type} in the middle of a stream.");
            Read(stream, frame.Payload.Span, begin);
            frame.Payload.CopyTo(kept.AsMemory(count));
            count += frame.Payload.Length;
            var ready = Math.Max(0, count - KeptBack);
            await target.WriteAsync(kept.AsMemory(0, ready), cancel).ConfigureAwait(false);
            count -= ready;
            kept.AsSpan(ready, count).CopyTo(kept);
        }
        if (!stream.IsComplete || stream.Substreams.Count != 1)
            throw new TransactionException($"The stream of {_target.Dataset}@{begin.Snapshot} is not whole: its end record is missing at byte {stream.Position}.");
        return kept.AsMemory(0, count);
    }

    /// <summary>A stream of one snapshot, and nothing with it: one of several (<c>send -R</c>) could bring filesystems and properties.</summary>
    private void Read(ReplayStream stream, ReadOnlySpan<byte> bytes, StreamBegin begin)
    {
        try
        {
            stream.Read(bytes);
        }
        catch (ReplayException e)
        {
            throw new TransactionException($"What was sent for {_target.Dataset}@{begin.Snapshot} is not right: {e.Message}", e);
        }
        if (stream.IsCompound || (stream.Substreams.Count > 0 && (stream.Substreams[0].ToGuid != begin.Guid || stream.Substreams[0].FromGuid != begin.FromGuid)))
            throw new TransactionException($"What was sent for {_target.Dataset}@{begin.Snapshot} is another stream than was announced.");
    }

    private static async Task CheckAsync(OwnedProcess receive, CancellationToken cancel)
    {
        var result = await receive.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw ZfsException.From(receive.Command, result);
    }
}
