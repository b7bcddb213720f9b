namespace VpsAdmin.HaveApi.Authentication;

/// <summary>What a server's OAuth2 provider knows this client as.</summary>
/// <param name="ClientSecret">Null for a public client.</param>
/// <param name="Scope">In the server's words; null: its default.</param>
public sealed record OAuthClient(string ClientId, string? ClientSecret = null, string? Scope = null)
{
    /// <summary>Where the browser brings the code: an http address of this machine. Port 0: any free one (RFC 8252, 7.3).</summary>
    public Uri RedirectUri { get; init; } = new("http://127.0.0.1:0/");

    /// <summary>Origins beside the API's own that may be its authorization server.</summary>
    public IReadOnlyList<Uri> TrustedOrigins { get; init; } = [];

    /// <summary>How long the user may take in the browser.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A record would print the secret.</summary>
    public override string ToString() => ClientId;
}
