namespace VpsAdmin.Zfs.Replay;

public enum StreamKind
{
    Full,
    Incremental,
    /// <summary>Several streams in one: <c>send -I</c>, <c>-R</c> or <c>-p</c>.</summary>
    Compound,
    /// <summary>The rest of an interrupted receive.</summary>
    Resuming,
}

/// <summary>What a file that should hold a ZFS stream holds.</summary>
/// <param name="Fault">Null: a stream, whole and sound.</param>
/// <param name="IsCompressed">gzip, as vpsAdmin's exports are.</param>
/// <param name="FileBytes">Bytes of the file that were read.</param>
/// <param name="Stream">How far it was understood.</param>
public sealed record StreamReport(ReplayException? Fault, bool IsCompressed, long FileBytes, ReplayStream Stream)
{
    /// <summary>Null before the first snapshot's stream begins.</summary>
    public StreamKind? Kind => Stream.Substreams switch
    {
        [{ Features.IsResuming: true }, ..] => StreamKind.Resuming,
        _ when Stream.IsCompound => StreamKind.Compound,
        [{ FromGuid: 0 }, ..] => StreamKind.Full,
        [_, ..] => StreamKind.Incremental,
        [] => null,
    };

    /// <summary>What receiving all of it takes.</summary>
    public ReplayFeatures Features => new(Stream.Substreams.Aggregate(0u, static (bits, s) => bits | s.Features.Bits));
}
