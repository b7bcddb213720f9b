using VpsAdmin.Client;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Connections;

/// <summary>A session with a vpsAdmin server. It holds secrets and shows none.</summary>
public sealed class VpsAdminConnection
{
    private VpsAdminClient? _client;
    private HttpClient? _downloads;

    internal VpsAdminConnection(VpsAdminClient client, User user)
    {
        _client = client;
        _downloads = TransferHttp.CreateClient();
        User = user.Login;
        UserId = user.Id;
        Uri = client.Api.BaseUri;
        ApiVersion = client.Api.ApiVersion;
        ProtocolVersion = client.Api.ProtocolVersion;
        ValidTo = (client.Api.Authentication as TokenAuthentication)?.ValidTo;
    }

    public Uri Uri { get; }

    /// <summary>Login name of the account.</summary>
    public string User { get; }

    public long UserId { get; }

    public string ApiVersion { get; }

    public string ProtocolVersion { get; }

    /// <summary>UTC; null where the session does not expire or the server does not say.</summary>
    public DateTimeOffset? ValidTo { get; }

    /// <summary>Process of the server when <c>Start-VpsAdminServer</c> started it; null otherwise.</summary>
    public int? ServerProcessId => Server?.Id;

    /// <summary>Data folder of that server; null otherwise.</summary>
    public string? DataPath => Server?.DataPath;

    public bool IsConnected => _client is not null;

    internal Servers.ServerProcess? Server { get; init; }

    /// <exception cref="VpsAdminException">Disconnected.</exception>
    internal VpsAdminClient Client => _client ?? throw Closed();

    /// <summary>For exported files: no credentials, no redirects, bytes as they are.</summary>
    /// <exception cref="VpsAdminException">Disconnected.</exception>
    internal HttpClient Downloads => _downloads ?? throw Closed();

    /// <summary>Revokes the token that connecting requested, if it did, and closes. A second call does nothing.</summary>
    internal async Task CloseAsync(CancellationToken cancel)
    {
        var client = Interlocked.Exchange(ref _client, null);
        var downloads = Interlocked.Exchange(ref _downloads, null);
        downloads?.Dispose();
        if (client is null)
            return;
        using (client)
            await client.Api.LogoutAsync(cancel).ConfigureAwait(false);
    }

    public override string ToString() => $"{User} at {Uri}";

    private VpsAdminException Closed() => new(Errors.NotConnected, $"The connection to {Uri} was closed by Disconnect-VpsAdmin.", this);
}
