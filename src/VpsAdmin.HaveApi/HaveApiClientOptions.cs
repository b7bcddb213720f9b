namespace VpsAdmin.HaveApi;

/// <param name="ApiVersion">Path segment without the <c>v</c>, such as <c>7.0</c>; null: the server's default.</param>
/// <param name="Timeout">For one call; long polls add their own.</param>
public sealed record HaveApiClientOptions(string? ApiVersion = null, string UserAgent = "VpsAdmin.PS", TimeSpan? Timeout = null, string? Language = null)
{
    /// <summary>An anonymous description of vpsAdmin is 1.8 MB and takes the server seconds.</summary>
    internal static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Bytes; a longer reply is refused.</summary>
    public long MaxReplyBytes { get; init; } = 64L << 20;

    /// <summary>Null: descriptions are not kept.</summary>
    public DescriptionCacheOptions? DescriptionCache { get; init; }

    /// <summary>Faults in a row that waiting for a background action bears, with growing pauses: an action goes on without us.</summary>
    public int WaitRetries { get; init; } = 10;

    /// <summary>Null: the system's.</summary>
    public TimeProvider? Time { get; init; }
}
