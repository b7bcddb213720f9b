namespace VpsAdmin.Server.Data;

public enum MigrationPlanState
{
    Staged = 0,
    Running = 1,
    Cancelling = 2,
    Failing = 3,
    Cancelled = 4,
    Done = 5,
    Error = 6,
}

/// <summary>VPSes that move to other nodes together.</summary>
public sealed class MigrationPlan
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;
    public MigrationPlanState State { get; set; }
    public required bool StopOnError { get; init; }
    public required bool SendMail { get; init; }

    /// <summary>Migrations that go on at once.</summary>
    public required int Concurrency { get; init; }

    public string? Reason { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }
    public List<VpsMigration> Migrations { get; } = [];
}

public enum VpsMigrationState
{
    Queued = 0,
    Running = 1,
    Cancelled = 2,
    Done = 3,
    Error = 4,
}

/// <summary>One VPS of a plan.</summary>
public sealed class VpsMigration
{
    public long Id { get; init; }
    public long PlanId { get; init; }
    public MigrationPlan Plan { get; init; } = null!;
    public long VpsId { get; init; }
    public Vps Vps { get; init; } = null!;
    public long SourceNodeId { get; init; }
    public Node SourceNode { get; init; } = null!;
    public long TargetNodeId { get; init; }
    public Node TargetNode { get; init; } = null!;
    public VpsMigrationState State { get; set; }
    public long? ChainId { get; set; }
    public TransactionChain? Chain { get; set; }

    /// <summary>Wait for the owner's maintenance window.</summary>
    public required bool MaintenanceWindow { get; init; }

    /// <summary>Destroy the datasets on the source node afterwards.</summary>
    public required bool CleanupData { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
}
