namespace VpsAdmin.Lab.Http;

/// <summary>How a connection ends before its time.</summary>
public enum Cut
{
    /// <summary>The connection is closed in the middle of the body; every byte before arrives.</summary>
    Break,
    /// <summary>The connection is reset, which may overtake bytes on their way.</summary>
    Reset,
    /// <summary>The body ends properly, but short of the whole file: no Content-Length, a chunked end.</summary>
    ShortBody,
}

/// <summary>What the server does with one request. Without a script it serves the file properly: 200, 206, 416, 404.</summary>
public abstract record FileAction
{
    public static FileAction Serve { get; } = new ServeAction();
    public static FileAction NotFound { get; } = new AnswerAction(404);

    /// <summary>Ignores the Range header: 200 and everything.</summary>
    public static FileAction IgnoreRange { get; } = new ServeAction { IgnoresRange = true };

    /// <summary>Hangs up without a word.</summary>
    public static FileAction HangUp { get; } = new HangUpAction();

    public static FileAction CutAfter(long bytes, Cut cut = Cut.Break) => new ServeAction { MostBytes = bytes, Cut = cut };

    /// <summary>Sends so many bytes and then nothing, until the client goes.</summary>
    public static FileAction StallAfter(long bytes) => new ServeAction { MostBytes = bytes, Stalls = true };

    /// <summary>Serves the right bytes under a Content-Range that begins elsewhere.</summary>
    public static FileAction LieAboutRange(long from) => new ServeAction { ClaimedFrom = from };

    /// <summary>Answers a range with only its first bytes, as a proper 206.</summary>
    public static FileAction Piece(long bytes) => new ServeAction { PieceBytes = bytes };

    /// <summary>Serves as if the file had this length: a web server whose view of the file is stale.</summary>
    public static FileAction SeeStale(long length) => new ServeAction { SeenLength = length };

    /// <summary>Flips the bits of one byte of the body.</summary>
    public static FileAction CorruptAt(long offset) => new ServeAction { CorruptOffset = offset };

    public static FileAction Answer(int status, string? retryAfter = null) => new AnswerAction(status, retryAfter);

    public static FileAction Unsatisfiable(long? length) => new AnswerAction(416, Length: length);

    public static FileAction Redirect(string location, int status = 302) => new AnswerAction(status, Location: location);

    /// <summary>Runs before the action: time for the file to change.</summary>
    public FileAction After(Action change) => this with { Before = change };

    /// <summary>Waits before the first byte of the answer.</summary>
    public FileAction Late(TimeSpan delay) => this with { Delay = delay };

    internal Action? Before { get; private init; }

    internal TimeSpan Delay { get; private init; }
}

public sealed record ServeAction : FileAction
{
    public bool IgnoresRange { get; init; }
    public long? MostBytes { get; init; }
    public Cut Cut { get; init; }
    public bool Stalls { get; init; }
    public int? BytesPerSecond { get; init; }
    public long? ClaimedFrom { get; init; }
    public long? ClaimedLength { get; init; }
    public long? PieceBytes { get; init; }
    public long? SeenLength { get; init; }
    public long? CorruptOffset { get; init; }
}

internal sealed record AnswerAction(int Status, string? RetryAfter = null, long? Length = null, string? Location = null) : FileAction;

internal sealed record HangUpAction : FileAction;

/// <param name="RangeFrom">Null: no Range header.</param>
/// <param name="Headers">Names in lower case.</param>
/// <param name="RangeTo">Null: no Range header, or one without an end.</param>
public sealed record RecordedRequest(string Path, long? RangeFrom, IReadOnlyDictionary<string, string> Headers, long? RangeTo = null, string Query = "");
