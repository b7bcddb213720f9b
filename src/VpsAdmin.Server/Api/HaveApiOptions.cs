namespace VpsAdmin.Server.Api;

/// <param name="ApiVersion">Path segment without the <c>v</c>; an opaque token.</param>
public sealed record HaveApiOptions(string ApiVersion = "7.0")
{
    /// <summary>What clients are spoken to in: a client of one generation refuses the other.</summary>
    public HaveApiProtocol Protocol { get; init; } = HaveApiProtocol.Second;

    /// <summary>Who has not logged in is told of no action that requires it; else they are told of everything.</summary>
    public bool HideFromAnonymous { get; init; }

    /// <summary>By language (<c>cs</c>): texts by what the declarations say in English.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Languages { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Longest accepted body of a request, in bytes.</summary>
    public long MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>What a browser names in its login window.</summary>
    public string Realm { get; init; } = "Restricted Area";
}
