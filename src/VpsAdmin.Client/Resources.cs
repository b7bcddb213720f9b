namespace VpsAdmin.Client;

/// <summary>An association: the object's id and the label that the server chose for it.</summary>
/// <param name="Label">For people only; its format varies between servers. Null when the server sent none.</param>
public sealed record Reference(long Id, string? Label);

/// <param name="Level">At least 90: administrator; 21: support; 1: member. Null when the server hides it.</param>
public sealed record User(long Id, string Login, string? FullName, int? Level);

public sealed record Node(long Id, string Name, string? DomainName);

/// <param name="Label">The label, or the name that newer servers show to members.</param>
/// <param name="Filesystem">Null when the server hides it: it does from members.</param>
/// <param name="Role">hypervisor, primary or backup.</param>
public sealed record Pool(long Id, Reference? Node, string? Label, string? Filesystem, string Role);

/// <param name="Dataset">Root dataset; its label is the full name.</param>
public sealed record Vps(long Id, string? Hostname, Reference? User, Reference? Node, Reference? Dataset, bool? IsRunning, string? ObjectState)
{
    /// <summary>What its system was made of; null: it has none, or the server does not tell.</summary>
    public string? Template { get; init; }

    /// <summary>Null unless it runs, as of the others.</summary>
    public TimeSpan? Uptime { get; init; }

    public int? ProcessCount { get; init; }

    /// <summary>MiB.</summary>
    public long? UsedMemoryMiB { get; init; }
}

/// <param name="Name">Full name, such as <c>101/var/www</c>.</param>
/// <param name="CurrentHistoryId">History that new snapshots belong to; 0 is as good as any.</param>
/// <param name="UsedMiB">MiB.</param>
/// <param name="ReferencedMiB">MiB.</param>
/// <param name="AvailableMiB">MiB.</param>
public sealed record Dataset(
    long Id, string Name, Reference? Parent, Reference? User, int CurrentHistoryId, long? UsedMiB, long? ReferencedMiB, long? AvailableMiB);

/// <param name="Name">Behind the <c>@</c>; UTC time of creation, or a provisional name.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="HistoryId">Snapshots of one dataset with one history id are endpoints of increments to each other, as a rule.</param>
public sealed record Snapshot(long Id, long DatasetId, string? DatasetName, string Name, DateTimeOffset CreatedAt, int HistoryId, string? Label)
{
    private const string Provisional = " (unconfirmed)";

    /// <summary>False while the server is still taking it: the name is provisional, and it cannot be transferred yet (BUG-9).</summary>
    public bool IsConfirmed => !Name.EndsWith(Provisional, StringComparison.Ordinal);
}

/// <summary>Form of an exported snapshot.</summary>
public enum ExportFormat
{
    /// <summary>tar.gz of the files.</summary>
    Archive,
    /// <summary>gzip of <c>zfs send</c>.</summary>
    Stream,
    /// <summary>gzip of <c>zfs send -I</c>.</summary>
    IncrementalStream,
}

/// <summary>A file on the server, made or being made from a snapshot.</summary>
/// <param name="Snapshot">Null when the snapshot is gone.</param>
/// <param name="SizeMiB">MiB: approximate until <paramref name="Ready"/>, then rounded down; null before the node begins.</param>
/// <param name="Sha256">64 hex digits; of the file's (compressed) bytes. Null until the file is complete.</param>
/// <param name="Ready">The file is complete.</param>
/// <param name="ExpirationDate">UTC.</param>
public sealed record SnapshotDownload(
    long Id, Reference? User, Reference? Snapshot, Reference? FromSnapshot, ExportFormat Format, string FileName, Uri Url,
    long? SizeMiB, string? Sha256, bool Ready, DateTimeOffset? ExpirationDate);

/// <param name="Progress">Transactions finished, of <paramref name="Size"/>.</param>
public sealed record TransactionChain(long Id, string? Name, string? Label, string State, int Size, int Progress, DateTimeOffset? CreatedAt);

/// <summary>What came of a call that may go on in the background.</summary>
/// <param name="ActionStateId">To follow it with; null when it is done, or when the server has no action states.</param>
public sealed record Started<T>(T Value, long? ActionStateId);
