namespace VpsAdmin.Server.Data;

public sealed class User
{
    public long Id { get; init; }
    public required string Login { get; init; }
    public required string PasswordHash { get; set; }
    public string? FullName { get; set; }
    public string? Email { get; set; }

    /// <summary>At least 90: administrator; 21: support; 1: member.</summary>
    public required int Level { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A token that somebody holds. Who reads the database cannot use it: only a digest is here.</summary>
public sealed class AuthToken
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>SHA-256 of the token, hex digits.</summary>
    public required string Digest { get; init; }

    public required TokenLifetime Lifetime { get; init; }
    public required TimeSpan Interval { get; init; }

    /// <summary>Null: permanent.</summary>
    public DateTimeOffset? ValidTo { get; set; }
}

public enum TokenLifetime
{
    Fixed = 0,
    RenewableManual = 1,
    RenewableAuto = 2,
    Permanent = 3,
}
