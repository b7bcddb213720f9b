namespace VpsAdmin.Server.Api;

/// <param name="ApiVersion">Path segment without the <c>v</c>; an opaque token.</param>
public sealed record HaveApiOptions(string ApiVersion = "7.0")
{
    /// <summary>Version of the HaveAPI protocol that this server speaks, stated in replies to OPTIONS.</summary>
    public const string ProtocolVersion = "2.0";

    /// <summary>Longest accepted body of a request, in bytes.</summary>
    public long MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>What a browser names in its login window.</summary>
    public string Realm { get; init; } = "Restricted Area";
}
