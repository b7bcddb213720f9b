namespace VpsAdmin.Server.Data;

public sealed class Dataset : IConfirmable
{
    public long Id { get; init; }

    /// <summary>Below the pool's filesystem, such as <c>101/var</c>.</summary>
    public required string FullName { get; init; }

    public long UserId { get; init; }
    public User User { get; init; } = null!;
    public long? ParentId { get; init; }
    public Dataset? Parent { get; init; }

    /// <summary>History that new snapshots belong to (spec 2.3); 0 is as good as any.</summary>
    public int CurrentHistoryId { get; set; }

    /// <summary>JSON object: the ZFS properties that are set here and not inherited, as the API calls them.</summary>
    public string LocalProperties { get; set; } = "{}";

    public Confirmed Confirmed { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public List<DatasetInPool> InPools { get; } = [];

    /// <summary>Where people work in it. While it moves to another pool it is on two, and the one that it comes from counts.</summary>
    /// <remarks>Of a dataset that was loaded with its places and their pools.</remarks>
    public DatasetInPool Worked => InPools.Where(static i => i.Pool.Role is not PoolRole.Backup).MaxBy(static i => i.Confirmed is Confirmed.Yes)!;
}

/// <summary>A dataset as it is on one pool.</summary>
public sealed class DatasetInPool : IConfirmable
{
    public const int DefaultMinSnapshots = 14;
    public const int DefaultMaxSnapshots = 20;

    /// <summary>Seconds: two weeks.</summary>
    public const int DefaultSnapshotMaxAge = 1_209_600;

    public long Id { get; init; }
    public long DatasetId { get; init; }
    public Dataset Dataset { get; init; } = null!;
    public long PoolId { get; init; }
    public Pool Pool { get; init; } = null!;
    public int MinSnapshots { get; set; } = DefaultMinSnapshots;
    public int MaxSnapshots { get; set; } = DefaultMaxSnapshots;

    /// <summary>Seconds.</summary>
    public int SnapshotMaxAge { get; set; } = DefaultSnapshotMaxAge;

    public Confirmed Confirmed { get; set; }
    public List<DatasetTree> Trees { get; } = [];
}

public sealed class Snapshot : IConfirmable
{
    public const string Provisional = " (unconfirmed)";

    public long Id { get; init; }
    public long DatasetId { get; init; }
    public Dataset Dataset { get; init; } = null!;

    /// <summary>Behind the <c>@</c>; provisional until the node has taken it.</summary>
    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
    public int HistoryId { get; set; }
    public string? Label { get; init; }

    /// <summary>The finished export of this snapshot; at most one (spec 1.5, rule 2). No foreign key: downloads point back here.</summary>
    public long? SnapshotDownloadId { get; set; }

    public Confirmed Confirmed { get; set; }
    public List<SnapshotInPool> InPools { get; } = [];
}

/// <summary>A copy of a snapshot on one pool.</summary>
public sealed class SnapshotInPool : IConfirmable
{
    public long Id { get; init; }
    public long SnapshotId { get; init; }
    public Snapshot Snapshot { get; init; } = null!;
    public long DatasetInPoolId { get; init; }
    public DatasetInPool DatasetInPool { get; init; } = null!;

    /// <summary>How many clones, mounts and branches need this copy.</summary>
    public int ReferenceCount { get; set; }

    public Confirmed Confirmed { get; set; }

    /// <summary>On backup pools: where the copy is. One at most.</summary>
    public List<SnapshotInBranch> InBranches { get; } = [];
}

public enum DownloadFormat
{
    Archive = 0,
    Stream = 1,
    IncrementalStream = 2,
}

/// <summary>A file made from a snapshot, or being made.</summary>
public sealed class SnapshotDownload : IConfirmable
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>Null when the snapshot was destroyed since.</summary>
    public long? SnapshotId { get; init; }

    public Snapshot? Snapshot { get; init; }
    public long? FromSnapshotId { get; init; }
    public Snapshot? FromSnapshot { get; init; }
    public long PoolId { get; init; }
    public Pool Pool { get; init; } = null!;
    public required DownloadFormat Format { get; init; }

    /// <summary>100 hex digits in the URL: the only protection of the file.</summary>
    public required string SecretKey { get; init; }

    public required string FileName { get; init; }

    /// <summary>MiB, rounded down; approximate until the export is finished, null before it began.</summary>
    public long? Size { get; set; }

    /// <summary>Of the finished file, 64 hex digits.</summary>
    public string? Sha256Sum { get; set; }

    public required DateTimeOffset ExpirationDate { get; set; }
    public Confirmed Confirmed { get; set; }
}
