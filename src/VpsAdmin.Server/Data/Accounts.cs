namespace VpsAdmin.Server.Data;

/// <summary>vpsAdmin's own numbers.</summary>
public enum UserState
{
    Active = 0,

    /// <summary>May look at what is theirs and download it, and change nothing.</summary>
    Suspended = 1,
}

public sealed class User
{
    public long Id { get; init; }
    public required string Login { get; init; }
    public required string PasswordHash { get; set; }
    public string? FullName { get; set; }
    public string? Email { get; set; }

    /// <summary>At least 90: administrator; 21: support; 1: member.</summary>
    public required int Level { get; set; }

    public UserState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>From the issue of a token to its end; stays afterwards, for its user to look back on.</summary>
public sealed class UserSession
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>For people.</summary>
    public required string Label { get; set; }

    /// <summary>How they logged in: <c>token</c>, <c>oauth2</c>, <c>web</c> or <c>basic</c>.</summary>
    public required string AuthType { get; init; }

    public required string ClientAddress { get; init; }

    /// <summary>What the program called itself.</summary>
    public string? UserAgent { get; init; }

    public required string Scope { get; init; }

    /// <summary>First digits of the token, by which its owner knows it again; empty where tokens change.</summary>
    public required string TokenFragment { get; init; }

    public required TokenLifetime Lifetime { get; init; }
    public required TimeSpan Interval { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To a minute; null: not used yet.</summary>
    public DateTimeOffset? LastRequestAt { get; set; }

    /// <summary>Null: open.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}

/// <summary>A login whose password was right and whose second step is missing.</summary>
public sealed class PendingLogin
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>SHA-256 of the interim token, hex digits.</summary>
    public required string Digest { get; init; }

    public required DateTimeOffset ValidTo { get; init; }
    public required TokenLifetime Lifetime { get; init; }
    public required TimeSpan Interval { get; init; }
    public required string Scope { get; init; }
    public required string ClientAddress { get; init; }
    public string? UserAgent { get; init; }
}

/// <summary>A device that makes codes from the time (RFC 6238).</summary>
public sealed class TotpDevice
{
    public long Id { get; init; }
    public long UserId { get; init; }
    public User User { get; init; } = null!;
    public required string Label { get; set; }

    /// <summary>Base32. Shown once; needed in the clear to check codes.</summary>
    public required string Secret { get; init; }

    /// <summary>A code of it was right once; only then is it asked for.</summary>
    public bool Confirmed { get; set; }

    public bool Enabled { get; set; }

    /// <summary>Of the last code that was accepted; no code is good twice.</summary>
    public long LastStep { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUseAt { get; set; }
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

    /// <summary>What it is good for.</summary>
    public string Scope { get; init; } = "all";

    /// <summary>Null for tokens that are older than sessions.</summary>
    public long? SessionId { get; init; }
    public UserSession? Session { get; init; }
}

public enum TokenLifetime
{
    Fixed = 0,
    RenewableManual = 1,
    RenewableAuto = 2,
    Permanent = 3,
}
