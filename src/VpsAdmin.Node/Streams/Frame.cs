namespace VpsAdmin.Node.Streams;

/// <summary>What two nodes say to each other, in the order in which it is said: the receiver's words and the sender's take turns.</summary>
internal enum FrameType : byte
{
    /// <summary>Either: I am still there. Never seen by whoever reads.</summary>
    Alive = 0,
    /// <summary>Sender, first: version and secret.</summary>
    Hello = 1,
    /// <summary>Receiver: the newest snapshot that it has (<see cref="ReceiverState"/>).</summary>
    State = 2,
    /// <summary>Sender: the stream of one snapshot comes (<see cref="StreamBegin"/>).</summary>
    Begin = 3,
    /// <summary>Sender: bytes of the stream.</summary>
    Data = 4,
    /// <summary>Sender: that was the stream, and <c>zfs send</c> has ended well. Only now may its end reach <c>zfs receive</c>.</summary>
    End = 5,
    /// <summary>Sender: you have everything.</summary>
    Finished = 6,
    /// <summary>Receiver: I have everything.</summary>
    Done = 7,
    /// <summary>Either: it cannot be, and why (UTF-8). Nothing follows.</summary>
    Failed = 8,
}

/// <param name="Payload">Valid until the next frame is read.</param>
internal readonly record struct Frame(FrameType Type, ReadOnlyMemory<byte> Payload);

/// <param name="Newest">Behind the <c>@</c>; null: there is no such filesystem yet.</param>
internal sealed record ReceiverState(string? Newest, ulong Guid);

/// <param name="Snapshot">Behind the <c>@</c>.</param>
/// <param name="FromGuid">Of the snapshot that it goes on from; 0: a full stream.</param>
internal sealed record StreamBegin(string Snapshot, ulong Guid, ulong FromGuid);

/// <summary>The way to the other node broke, or it has not been heard of for too long. The same may succeed in a while.</summary>
internal sealed class PeerLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The other node says that it cannot be, and why.</summary>
internal sealed class PeerFailedException(string message) : Exception(message);
