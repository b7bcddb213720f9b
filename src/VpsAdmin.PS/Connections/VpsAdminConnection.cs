using VpsAdmin.Client;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Connections;

/// <summary>A session with a vpsAdmin server, or the name of one that is saved. It holds secrets and shows none.</summary>
public sealed class VpsAdminConnection
{
    private readonly bool _isUsual;
    private VpsAdminClient? _client;
    private HttpClient? _downloads;

    internal VpsAdminConnection(string name, VpsAdminClient client, User user)
    {
        _client = client;
        _downloads = TransferHttp.CreateClient();
        Name = name;
        User = user.Login;
        UserId = user.Id;
        Uri = client.Api.BaseUri;
        ApiVersion = client.Api.ApiVersion;
        ProtocolVersion = client.Api.ProtocolVersion;
        ValidTo = client.Api.Authentication switch
        {
            TokenAuthentication token => token.ValidTo,
            OAuthAuthentication { Saved.RefreshToken: null } oauth => oauth.ValidTo,
            _ => null,
        };
    }

    /// <summary>One that can be opened by its name.</summary>
    /// <param name="isDefault">Commands would use it.</param>
    internal VpsAdminConnection(SavedConnection saved, bool isDefault)
        : this(saved.Name)
    {
        User = saved.User;
        UserId = saved.UserId;
        Uri = saved.Uri;
        ValidTo = saved.ValidTo;
        Vault = saved.Vault;
        IsSaved = true;
        _isUsual = isDefault;
    }

    /// <summary>What the environment names.</summary>
    /// <param name="isDefault">Commands would use it.</param>
    internal VpsAdminConnection(EnvironmentConnection environment, bool isDefault)
        : this(EnvironmentConnection.UrlVariable)
    {
        Uri = environment.Uri;
        _isUsual = isDefault;
    }

    /// <summary>A name, which the command that gets it looks up.</summary>
    internal VpsAdminConnection(string name)
    {
        Name = name;
        IsNameOnly = true;
    }

    /// <summary>By which <c>-Connection</c> takes it.</summary>
    public string Name { get; }

    /// <summary>Null only where a name is all that is known.</summary>
    public Uri? Uri { get; }

    /// <summary>Login name of the account; null where it is not known before it is open.</summary>
    public string? User { get; }

    public long? UserId { get; }

    /// <summary>Null when it is not open.</summary>
    public string? ApiVersion { get; }

    /// <summary>Null when it is not open.</summary>
    public string? ProtocolVersion { get; }

    /// <summary>UTC; null where the session does not expire or the server does not say.</summary>
    public DateTimeOffset? ValidTo { get; }

    /// <summary>Later processes can use it.</summary>
    public bool IsSaved { get; internal set; }

    /// <summary>Name of the secret vault that has the token; null otherwise.</summary>
    public string? Vault { get; internal set; }

    /// <summary>Commands use it when no connection is given.</summary>
    public bool IsDefault => IsNameOnly ? _isUsual : IsConnected && ReferenceEquals(Home?.Usual, this);

    /// <summary>Process of the server when <c>Start-VpsAdminServer</c> started it; null otherwise.</summary>
    public int? ServerProcessId => Server?.Id;

    /// <summary>Data folder of that server; null otherwise.</summary>
    public string? DataPath => Server?.DataPath;

    public bool IsConnected => _client is not null;

    internal Servers.ServerProcess? Server { get; init; }

    /// <summary>Whose connection it is; null before it is one's.</summary>
    internal SessionConnections? Home { get; set; }

    /// <summary>It was never open: its name is to be looked up.</summary>
    internal bool IsNameOnly { get; }

    /// <exception cref="VpsAdminException">Disconnected.</exception>
    internal VpsAdminClient Client => _client ?? throw Closed();

    /// <summary>For exported files: no credentials, no redirects, bytes as they are.</summary>
    /// <exception cref="VpsAdminException">Disconnected.</exception>
    internal HttpClient Downloads => _downloads ?? throw Closed();

    /// <summary>Closes. A second call does nothing.</summary>
    /// <param name="revoke">Also end the token, unless the user gave it.</param>
    internal async Task CloseAsync(bool revoke, CancellationToken cancel)
    {
        var client = Interlocked.Exchange(ref _client, null);
        var downloads = Interlocked.Exchange(ref _downloads, null);
        downloads?.Dispose();
        if (client is null)
            return;
        using (client)
        {
            if (revoke)
                await client.Api.LogoutAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Closes, and gives back what connecting took: a saved token goes on.</summary>
    internal Task CloseAsync(CancellationToken cancel) => CloseAsync(revoke: !IsSaved, cancel);

    public override string ToString() => User is null ? Name : $"{User} at {Uri}";

    private VpsAdminException Closed() => new(Errors.NotConnected, $"The connection to {Uri} was closed by Disconnect-VpsAdmin.", this);
}
