using System.Globalization;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.FaultServer;

/// <summary>How an answer ends before its time.</summary>
public enum CutKind
{
    /// <summary>The connection is closed; every byte before arrives.</summary>
    Close,
    /// <summary>The connection is reset, which may overtake bytes on their way.</summary>
    Reset,
    /// <summary>The answer ends properly, but short of the whole file.</summary>
    Short,
}

/// <summary>What is wrong with the answer to one request for a file. What is not said is right.</summary>
/// <param name="Status">Answered instead of the file: 404, 416, 429, 503, 401 …</param>
/// <param name="RetryAfter">With <paramref name="Status"/>: seconds, or an HTTP date.</param>
/// <param name="Redirect">Answered instead of the file: go there; <c>other</c>: to this server under another name, which is another origin.</param>
/// <param name="HangUp">No answer at all: the connection is reset.</param>
/// <param name="CutAfter">Bytes of the body.</param>
/// <param name="StallAfter">Bytes of the body, then silence until the client goes.</param>
/// <param name="BytesPerSecond">Trickles.</param>
/// <param name="IgnoreRange">200 and the whole file, whatever range was asked for.</param>
/// <param name="RangeFrom">A lie in Content-Range: where the body says that it begins.</param>
/// <param name="Length">A lie in Content-Length: bytes.</param>
/// <param name="Piece">A proper answer, but only so many bytes of the range.</param>
/// <param name="SeenLength">The web server sees so many bytes of the file only.</param>
/// <param name="CorruptAt">Offset in the body of a byte whose bits are flipped.</param>
/// <param name="Etag">The file's from now on.</param>
/// <param name="Rewrite">The server has just made the file anew: the same data, other bytes; checksum and ETag are those of the new one.</param>
/// <param name="ShrinkTo">The file has so many bytes from now on, until the next look at the download's state.</param>
/// <param name="Vanish">The download is gone, file and record.</param>
/// <param name="Delay">Seconds before the answer.</param>
public sealed record FileFault(
    int? Status = null, string? RetryAfter = null, string? Redirect = null, bool HangUp = false, long? CutAfter = null, CutKind Cut = CutKind.Close,
    long? StallAfter = null, int? BytesPerSecond = null, bool IgnoreRange = false, long? RangeFrom = null, long? Length = null, long? Piece = null,
    long? SeenLength = null, long? CorruptAt = null, string? Etag = null, bool Rewrite = false, int? ShrinkTo = null, bool Vanish = false, double Delay = 0)
{
    /// <param name="server">Whose files change with it.</param>
    internal FileAction ToAction(FaultyVpsAdmin server, ServedDownload download) => Basic(server, download).Late(TimeSpan.FromSeconds(Delay)).After(() => Change(server, download));

    private FileAction Basic(FaultyVpsAdmin server, ServedDownload download)
    {
        if (HangUp)
            return FileAction.HangUp;
        if (Redirect is not null)
            return FileAction.Redirect(Redirect == "other" ? new UriBuilder(server.AddressOf(download)) { Host = "localhost" }.Uri.AbsoluteUri : Redirect);
        if (Status is { } status)
            return FileAction.Answer(status, RetryAfter);
        return new ServeAction
        {
            IgnoresRange = IgnoreRange, MostBytes = StallAfter ?? CutAfter, Stalls = StallAfter is not null, BytesPerSecond = BytesPerSecond, ClaimedFrom = RangeFrom,
            ClaimedLength = Length, PieceBytes = Piece, SeenLength = SeenLength, CorruptOffset = CorruptAt,
            Cut = Cut switch { CutKind.Reset => Lab.Http.Cut.Reset, CutKind.Short => Lab.Http.Cut.ShortBody, _ => Lab.Http.Cut.Break },
        };
    }

    private void Change(FaultyVpsAdmin server, ServedDownload download)
    {
        if (Rewrite)
            download.Rewrite();
        if (ShrinkTo is { } length)
            download.ShrinkTo(length);
        if (Etag is not null)
            download.File.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{Etag.Trim('"')}\"");
        if (Vanish)
            server.Api.Forget(download);
    }
}
