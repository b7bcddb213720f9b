using System.Globalization;

namespace VpsAdmin.Server.Data;

/// <summary>
/// One unbroken line of backups of a dataset on a backup pool, with the branches that rollbacks made of it. A new tree begins where the
/// dataset has no snapshot in common with the head any more.
/// </summary>
public sealed class DatasetTree : IConfirmable
{
    public long Id { get; init; }
    public long DatasetInPoolId { get; init; }
    public DatasetInPool DatasetInPool { get; init; } = null!;
    public required int Index { get; init; }

    /// <summary>Where the next backup goes; one tree of a dataset at most.</summary>
    public bool IsHead { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public Confirmed Confirmed { get; set; }
    public List<Branch> Branches { get; } = [];

    /// <summary>Name of the filesystem that holds the branches.</summary>
    public string FullName => string.Create(CultureInfo.InvariantCulture, $"tree.{Index}");
}

/// <summary>A filesystem in a tree. A rollback makes a new one, from which the old one branches off.</summary>
public sealed class Branch : IConfirmable
{
    public long Id { get; init; }
    public long TreeId { get; init; }
    public DatasetTree Tree { get; init; } = null!;

    /// <summary>The snapshot that it began with.</summary>
    public required string Name { get; init; }

    /// <summary>Tells branches of one name apart.</summary>
    public required int Index { get; init; }

    /// <summary>Where the next backup goes; one branch of a tree at most.</summary>
    public bool IsHead { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public Confirmed Confirmed { get; set; }
    public List<SnapshotInBranch> Snapshots { get; } = [];

    public string FullName => string.Create(CultureInfo.InvariantCulture, $"branch-{Name}.{Index}");
}

/// <summary>A copy of a snapshot in a branch.</summary>
public sealed class SnapshotInBranch : IConfirmable
{
    public long Id { get; init; }
    public long SnapshotInPoolId { get; init; }
    public SnapshotInPool SnapshotInPool { get; init; } = null!;

    /// <summary>Changes when a rollback moves the older part of a branch to a new one.</summary>
    public long BranchId { get; set; }

    public Branch Branch { get; set; } = null!;

    /// <summary>The copy in another branch that this one's branch is a clone of; it counts this one in its references.</summary>
    public long? OriginId { get; set; }

    public SnapshotInBranch? Origin { get; set; }
    public Confirmed Confirmed { get; set; }
}
