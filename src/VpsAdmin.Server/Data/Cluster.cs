namespace VpsAdmin.Server.Data;

/// <summary>What a cluster is divided into: production, playground …</summary>
public sealed class ClusterEnvironment
{
    public long Id { get; init; }
    public required string Label { get; set; }

    /// <summary>End of the domain names of its nodes.</summary>
    public required string Domain { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Where nodes stand.</summary>
public sealed class Location
{
    public long Id { get; init; }
    public long EnvironmentId { get; set; }
    public ClusterEnvironment Environment { get; set; } = null!;
    public required string Label { get; set; }

    /// <summary>First part of the domain that its nodes are in.</summary>
    public required string Domain { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

public sealed class Node
{
    public long Id { get; init; }
    public required string Name { get; set; }

    /// <summary>Null only until the first start of a server that knows locations.</summary>
    public long? LocationId { get; set; }

    public Location? Location { get; set; }

    /// <summary>Fully qualified; a path segment of download URLs.</summary>
    public required string DomainName { get; set; }

    /// <summary>What the pools are for that the node says it has.</summary>
    public PoolRole Role { get; set; }

    /// <summary>Whether it said when it was last seen that it runs VPSes.</summary>
    public bool RunsVpses { get; set; }

    /// <summary>Why it does not run VPSes, in its own words.</summary>
    public string? VpsRefusal { get; set; }

    /// <summary>What VPSes' systems can be made of there, with commas between.</summary>
    public string VpsTemplates { get; set; } = "";

    /// <summary>Where clients reach the files that the node makes, without a slash at the end; null: through the server.</summary>
    public string? DownloadUrl { get; set; }

    /// <summary>Where other nodes send snapshots to, such as <c>node2.example.org:4569</c>; null: it takes none.</summary>
    public string? StreamAddress { get; set; }
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

    /// <summary>Every dataset that is made on it has to have a reference quota.</summary>
    public bool RefquotaCheck { get; set; }
}

/// <summary>One row: tells this database from any other that a pool may have served. Nodes mark what they make with it.</summary>
public sealed class DatabaseIdentity
{
    public long Id { get; init; }

    /// <summary>Letters, digits and dashes.</summary>
    public required string Name { get; init; }
}
