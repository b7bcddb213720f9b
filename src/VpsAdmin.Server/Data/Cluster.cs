namespace VpsAdmin.Server.Data;

public sealed class Node
{
    public long Id { get; init; }
    public required string Name { get; set; }

    /// <summary>Fully qualified; a path segment of download URLs.</summary>
    public required string DomainName { get; set; }
}

public enum PoolRole
{
    Hypervisor = 0,
    Primary = 1,
    Backup = 2,
}

public sealed class Pool
{
    public long Id { get; init; }
    public long NodeId { get; init; }
    public Node Node { get; init; } = null!;
    public required string Label { get; init; }

    /// <summary>Such as <c>tank/vps</c>.</summary>
    public required string Filesystem { get; init; }

    public required PoolRole Role { get; init; }
}

public sealed class Vps : IConfirmable
{
    public long Id { get; init; }
    public required string Hostname { get; set; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;
    public long NodeId { get; init; }
    public Node Node { get; init; } = null!;

    /// <summary>Root filesystem. Null only inside the database transaction that makes both.</summary>
    public long? DatasetId { get; set; }

    public Dataset? Dataset { get; set; }
    public Confirmed Confirmed { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One row: tells this database from any other that a pool may have served. Nodes mark what they make with it.</summary>
public sealed class DatabaseIdentity
{
    public long Id { get; init; }

    /// <summary>Letters, digits and dashes.</summary>
    public required string Name { get; init; }
}
