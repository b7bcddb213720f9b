namespace VpsAdmin.Transfer.Pump;

/// <summary>The part of an HTTP answer that decisions are made of.</summary>
/// <param name="Length">Content-Length.</param>
/// <param name="RangeFrom">First byte by Content-Range; null also for <c>bytes */N</c>.</param>
/// <param name="RangeTo">Last byte by Content-Range.</param>
/// <param name="Total">Length of the whole file by Content-Range, where the server said.</param>
internal readonly record struct ResponseHead(int Status, long? Length = null, long? RangeFrom = null, long? RangeTo = null, long? Total = null);

/// <summary>What the head of an answer means.</summary>
internal enum HeadVerdict
{
    /// <summary>The body continues what is here.</summary>
    Append,
    /// <summary>The server ignored the range: the body begins with what is here already (BUG-6).</summary>
    SkipThenAppend,
    /// <summary>The file is complete on the server and all of it is here (BUG-5).</summary>
    AtEnd,
    /// <summary>The server has no more than what is here, yet.</summary>
    NothingNew,
    /// <summary>The server's file is shorter than what is here.</summary>
    Shrunk,
    /// <summary>The file should be there and is not. The API record decides whether it is gone for good.</summary>
    Missing,
    /// <summary>The server cannot now.</summary>
    TryAgain,
    Redirect,
    /// <summary>Refused, or nonsense.</summary>
    Refused,
    /// <summary>The body is not the range that was asked for.</summary>
    WrongRange,
}

/// <summary>What the end of a body means.</summary>
internal enum BodyVerdict
{
    /// <summary>The server gave a part of what it has: ask for the rest at once.</summary>
    AskOn,
    NothingNew,
    AtEnd,
}

/// <summary>
/// The decisions of spec 4.4 and 10.1, as functions of what was seen. <c>ready</c> is always what the API said <em>before</em> the request:
/// only then does "no more bytes" mean "the end".
/// </summary>
internal static class Decision
{
    /// <param name="position">Bytes that are here; with more than none, the request had <c>Range: bytes=position-</c>.</param>
    public static HeadVerdict OfHead(in ResponseHead head, long position, bool ready) => head.Status switch
    {
        200 => OfWholeFile(head.Length, position, ready),
        206 => OfRange(head, position),
        404 or 410 => position > 0 || ready ? HeadVerdict.Missing : HeadVerdict.NothingNew,
        416 => OfUnsatisfiable(head.Total, position, ready),
        301 or 302 or 303 or 307 or 308 => HeadVerdict.Redirect,
        408 or 425 or 429 or >= 500 => HeadVerdict.TryAgain,
        _ => HeadVerdict.Refused,
    };

    /// <param name="position">Bytes that are here, now that the body has ended as announced.</param>
    /// <param name="total">Length of the whole file as the head told; null when it did not.</param>
    public static BodyVerdict OfBody(long position, long? total, bool ready)
    {
        if (position < total)
            return BodyVerdict.AskOn;
        return ready ? BodyVerdict.AtEnd : BodyVerdict.NothingNew;
    }

    /// <summary>Length of the whole file, as far as the head of an answer with a body tells.</summary>
    public static long? TotalOf(in ResponseHead head) => head.Status == 200 ? head.Length : head.Total;

    private static HeadVerdict OfWholeFile(long? length, long position, bool ready)
    {
        if (position == 0)
            return HeadVerdict.Append;
        if (length < position)
            return HeadVerdict.Shrunk;
        if (length == position)
            return ready ? HeadVerdict.AtEnd : HeadVerdict.NothingNew;
        return HeadVerdict.SkipThenAppend;
    }

    private static HeadVerdict OfRange(in ResponseHead head, long position)
    {
        var honest = head.RangeFrom == position
            && head.RangeTo >= position
            && (head.Length is null || head.Length == head.RangeTo - head.RangeFrom + 1)
            && (head.Total is null || head.RangeTo < head.Total);
        return honest ? HeadVerdict.Append : HeadVerdict.WrongRange;
    }

    private static HeadVerdict OfUnsatisfiable(long? total, long position, bool ready)
    {
        if (position == 0)
            return HeadVerdict.Refused;
        if (total < position)
            return HeadVerdict.Shrunk;
        // A server that has more than it is willing to give, behind a cache that disagrees with it: ask again.
        if (total > position)
            return HeadVerdict.TryAgain;
        return ready ? HeadVerdict.AtEnd : HeadVerdict.NothingNew;
    }
}
