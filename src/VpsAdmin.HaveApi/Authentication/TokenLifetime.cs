namespace VpsAdmin.HaveApi.Authentication;

/// <summary>What becomes of a token with time.</summary>
public enum TokenLifetime
{
    /// <summary>Ends after its interval.</summary>
    Fixed,

    /// <summary>Ends after its interval unless the client renews it, which <see cref="TokenAuthentication"/> does.</summary>
    RenewableManual,

    /// <summary>Ends when it was not used for its interval.</summary>
    RenewableAuto,

    /// <summary>Ends when it is revoked.</summary>
    Permanent,
}
