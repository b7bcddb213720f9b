namespace VpsAdmin.Server.Data;

/// <summary>vpsAdmin's own numbers.</summary>
public enum VpsState
{
    Active = 0,

    /// <summary>Stopped, and destroyed when it expires; until then an administrator can bring it back.</summary>
    SoftDelete = 2,

    /// <summary>Nothing is left but this row.</summary>
    HardDelete = 3,
}

public sealed class Vps : IConfirmable
{
    public long Id { get; init; }
    public required string Hostname { get; set; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>Changes when it moves.</summary>
    public long NodeId { get; set; }

    public Node Node { get; set; } = null!;

    /// <summary>Root filesystem. Null only inside the database transaction that makes both, and when it is destroyed.</summary>
    public long? DatasetId { get; set; }

    public Dataset? Dataset { get; set; }
    public VpsState State { get; set; }

    /// <summary>When it is destroyed, once it is deleted.</summary>
    public DateTimeOffset? ExpirationDate { get; set; }

    /// <summary>What its system was made of; null: it has none, and cannot be started.</summary>
    public string? Template { get; set; }

    /// <summary>MiB; null: no limit, as of the others.</summary>
    public long? Memory { get; set; }

    /// <summary>Percent of one CPU.</summary>
    public int? CpuLimit { get; set; }

    /// <summary>Number of processes and threads.</summary>
    public int? ProcessLimit { get; set; }

    /// <summary>With the lengths of their prefixes, commas between.</summary>
    public string IpAddresses { get; set; } = "";

    /// <summary>When it may be stopped for its node's sake (<see cref="Migrating.MaintenanceWindow"/>); empty: at any time.</summary>
    public string MaintenanceWindows { get; set; } = "";

    /// <summary>Counts changes of what it is doing: odd while a chain works on it (<see cref="Vpses.StatusSequence"/>).</summary>
    public long StatusSequence { get; set; }

    /// <summary>Null: nobody knows yet, or any more, as its node is silent.</summary>
    public bool? IsRunning { get; set; }

    /// <summary>Seconds; null unless it runs, as of the others.</summary>
    public long? Uptime { get; set; }

    public int? ProcessCount { get; set; }

    /// <summary>Bytes.</summary>
    public long? UsedMemory { get; set; }

    /// <summary>CPUs kept busy.</summary>
    public double? Load { get; set; }

    /// <summary>When it was last looked at.</summary>
    public DateTimeOffset? StatusTime { get; set; }

    public Confirmed Confirmed { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How a VPS was at a time.</summary>
public sealed class VpsStatus
{
    public long Id { get; init; }
    public long VpsId { get; init; }
    public Vps Vps { get; init; } = null!;
    public required bool IsRunning { get; init; }

    /// <summary>Seconds.</summary>
    public long? Uptime { get; init; }

    public int? ProcessCount { get; init; }

    /// <summary>Bytes.</summary>
    public long? UsedMemory { get; init; }

    public double? Load { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
