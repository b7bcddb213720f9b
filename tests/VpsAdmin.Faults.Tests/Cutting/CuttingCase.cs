using CsCheck;
using VpsAdmin.Client;
using VpsAdmin.FaultServer;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>One transfer and all that goes wrong with it.</summary>
/// <param name="Format">An archive is a file that is saved as it is; a stream is decoded.</param>
/// <param name="Size">Bytes of data.</param>
/// <param name="Members">Of gzip; with a stream only.</param>
/// <param name="ToProgram">A stream goes to a program beside this one.</param>
internal sealed record CuttingCase(ExportFormat Format, int Size, int Members, bool ToProgram, ExportScript Export, FileFault[] Files, ApiFault[] Api)
{
    /// <summary>Bytes of a file that is fetched in a moment, and of those that cost more than their faults may when they are begun anew.</summary>
    private const int Small = 3 << 20;
    private const int Large = 8 << 20;
    private const int Largest = 12 << 20;

    /// <summary>Decoded; a reader that kept it would be seen in the peak of memory.</summary>
    private const int BombMiB = 64;

    private static readonly string?[] HostileNames = ["../../../etc/cron.d/evil", "/etc/passwd", "a\0b", "..", "CON", "\u202etxt.exe", "-rf", new('n', 300), "a\r\nSet-Cookie: b=c"];

    private static readonly Dictionary<ExportFormat, string> Words = new()
    {
        [ExportFormat.Archive] = "archive", [ExportFormat.Stream] = "stream", [ExportFormat.IncrementalStream] = "incremental_stream",
    };

    private byte[]? _decoded;
    private byte[]? _content;

    public bool Archive => Format == ExportFormat.Archive;

    /// <summary>Data that does not compress; of a stream its records.</summary>
    public byte[] Decoded => _decoded ??= Archive ? [] : StreamBytes.Simple(Size, guid: 77, fromGuid: Format == ExportFormat.IncrementalStream ? 76u : 0);

    public byte[] Content => _content ??= Export.Bomb is not null ? ExportContent.Make(Export, "", 77, 0) : Archive ? Bytes(Size) : StreamBytes.Gzip(Decoded, Members);

    /// <summary>Nothing of it is final: within the budget of retries it must end well.</summary>
    public bool MustEndWell => !IsDamaged && !HasRefusedName && Files.All(IsBearable) && Api.All(IsBearable);

    /// <summary>What the server calls the file is no name, and nothing is fetched of it.</summary>
    public bool HasRefusedName => Export.FileName is { } name && (name.Length > 255 || name.Any(char.IsControl));

    /// <summary>What the failure must be called, where nothing but the file is wrong; null: more than one would be right.</summary>
    public TransferFailure? OnlyFailure => !Files.All(IsBearable) || Api.Length > 0 || HasRefusedName ? null
        : Export.Sha256 is not null ? TransferFailure.ChecksumMismatch
        : IsDamaged ? TransferFailure.BadStream
        : null;

    /// <summary>No right file can be had of the server.</summary>
    public bool IsDamaged => Export.Sha256 is not null || Export.CutStream is not null || Export.CutGzip is not null || Export.Bomb is not null;

    /// <summary>What makes a program read again all that it has: its bytes are of no file of the server's any more, or the server will not give others.</summary>
    public static bool CostsAll(FileFault fault) => fault.Rewrite || fault.Vanish || fault.IgnoreRange || fault.CorruptAt is not null;

    public static Gen<CuttingCase> All { get; } =
        from format in Gen.Frequency((2, Gen.Const(ExportFormat.Archive)), (1, Gen.Const(ExportFormat.Stream)), (1, Gen.Const(ExportFormat.IncrementalStream)))
        from size in Gen.Frequency((1, Gen.Int[0, 600]), (2, Gen.Int[600, Small]), (1, Gen.Int[Large, Largest]))
        from members in Gen.Int[1, 3]
        from program in Gen.Frequency((3, Gen.Const(false)), (1, Gen.Const(true)))
        from export in Exports(format, size)
        from files in FileFaults(size).Array[0, 8]
        from api in ApiFaults().Array[0, 2]
        select new CuttingCase(format, size, members, program, export, files, api);

    public override string ToString() =>
        $"{Format}, {Members} members, of {Size} bytes{(ToProgram ? ", to a program" : "")}\n  {Export}\n  {string.Join("\n  ", Files.Cast<object>().Concat(Api))}";

    private static Gen<ExportScript> Exports(ExportFormat format, int size) =>
        from grow in Gen.Frequency((2, Gen.Int[0, 0].Select(static _ => (int?)null)), (1, Gen.Int[size / 8, size + 1].Select(static g => (int?)Math.Max(g, 1))))
        from appear in Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[1, 4]))
        from damage in Gen.Frequency((8, Gen.Const(0)), (1, Gen.Int[1, 4]))
        from at in Gen.Int[0, Math.Max(size - 1, 0)]
        from name in Gen.Frequency((4, Gen.Const((string?)null)), (1, OneOf(HostileNames)))
        let stream = format != ExportFormat.Archive
        select new ExportScript(
            Words[format], Grow: grow, AppearAfter: appear, FileName: name, Sha256: damage == 1 ? new string('0', 64) : null,
            CutGzip: damage == 2 && stream ? at / 2 : null, CutStream: damage == 3 && stream ? at : null, Bomb: damage == 4 && stream ? BombMiB : null);

    private static Gen<FileFault> FileFaults(int size)
    {
        var at = Gen.Int[0, size + 1000].Select(static n => (long)n);
        return Gen.Frequency(
            (6, from n in at from cut in Gen.Enum<CutKind>() select new FileFault(CutAfter: n, Cut: cut)),
            (2, at.Select(static n => new FileFault(StallAfter: n))),
            (1, Gen.Int[4, 40].Select(n => new FileFault(BytesPerSecond: (size + 1000) * n))),
            (1, Gen.Int[1, 50].Select(static n => new FileFault(Delay: n / 1000.0))),
            (2, Gen.Select(OneOf(408, 425, 429, 500, 502, 503, 504), OneOf<string?>(null, "0", "3")).Select(static (s, after) => new FileFault(Status: s, RetryAfter: after))),
            (1, OneOf(401, 403, 404, 410, 416, 418).Select(static s => new FileFault(Status: s))),
            (1, Gen.Const(new FileFault(HangUp: true))),
            (1, Gen.Const(new FileFault(Redirect: "other"))),
            (1, Gen.Const(new FileFault(IgnoreRange: true))),
            (1, at.Select(static n => new FileFault(RangeFrom: n))),
            (1, at.Select(static n => new FileFault(Length: n))),
            (2, at.Select(static n => new FileFault(Piece: Math.Max(n / 4, 1)))),
            (1, at.Select(static n => new FileFault(SeenLength: n))),
            (1, at.Select(static n => new FileFault(CorruptAt: n))),
            (1, Gen.Int[0, 9].Select(static n => new FileFault(Etag: $"tag{n}"))),
            (1, at.Select(static n => new FileFault(Rewrite: true, CutAfter: n))),
            (1, at.Select(static n => new FileFault(ShrinkTo: (int)n))),
            (1, Gen.Const(new FileFault(Vanish: true))));
    }

    private static Gen<ApiFault> ApiFaults() =>
        from call in OneOf("GET /snapshot_downloads/*", "GET /snapshot_downloads", "POST /snapshot_downloads", "DELETE /snapshot_downloads/*")
        from skip in Gen.Int[0, 4]
        from times in Gen.Int[1, 3]
        from fault in OneOf(
            new ApiFault(Status: 503), new ApiFault(Status: 429, RetryAfter: "2"), new ApiFault(Status: 500, Message: "Server error occurred"), new ApiFault(HangUp: true),
            new ApiFault(HangUpAfter: true), new ApiFault(Status: 502, Body: "<h1>Bad Gateway</h1>"), new ApiFault(Body: "<h1>Please sign in</h1>"),
            new ApiFault(Delay: 0.03), new ApiFault(Status: 423, Message: "Resource is locked"), new ApiFault(Status: 403, Message: "Access denied"), new ApiFault(Status: 401, Message: "Authentication required"))
        select fault with { Call = call, Skip = skip, Times = times };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(n => values[n]);

    private static bool IsBearable(FileFault fault) => fault switch
    {
        { Rewrite: true } or { Vanish: true } or { RangeFrom: not null } or { Length: not null } or { CorruptAt: not null } or { ShrinkTo: not null } or { SeenLength: not null } => false,
        { Status: 401 or 403 or 410 or 416 or 418 } => false,
        _ => true,
    };

    private static bool IsBearable(ApiFault fault) => fault.Call.StartsWith("DELETE", StringComparison.Ordinal) || fault is { Status: 503 or 429 or 500 or 502 } or { HangUp: true } or { HangUpAfter: true } or { Delay: > 0 };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
