namespace VpsAdmin.Server.Data;

/// <summary>What a dataset or a pool occupied at some time, for charts. Taken every hour; of days long ago one is kept for each.</summary>
public sealed class SpaceSample
{
    public long Id { get; init; }

    /// <summary>Null: of a pool.</summary>
    public long? DatasetId { get; init; }

    /// <summary>Null: of a dataset.</summary>
    public long? PoolId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Bytes.</summary>
    public required long Used { get; init; }

    /// <summary>Bytes.</summary>
    public required long Available { get; init; }
}
