using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Servers;

namespace VpsAdmin.PS.Connections;

internal static class ConnectionFactory
{
    /// <exception cref="VpsAdminException">Not the address of a web service.</exception>
    public static void Check(Uri uri)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new VpsAdminException(Errors.InvalidUri, $"'{uri}' is not an http or https address.", uri);
        if (uri.UserInfo.Length > 0)
            throw new VpsAdminException(Errors.InvalidUri, "An address must not hold a user name or password; give them with -Credential.", null);
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new VpsAdminException(Errors.InvalidUri, "The address of an API has no query and no fragment.", uri);
    }

    public static bool SendsInTheClear(Uri uri) => uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback;

    /// <summary>A new login: a failure gives back what it took.</summary>
    /// <exception cref="HaveApiException"/>
    public static async Task<VpsAdminConnection> ConnectAsync(
        string name, Uri uri, IAuthentication authentication, CancellationToken cancel, ServerProcess? server = null)
    {
        var api = await HaveApiClient.ConnectAsync(uri, authentication, Options, handler: null, cancel).ConfigureAwait(false);
        return await OpenAsync(name, api, server, () => LogoutQuietlyAsync(api), cancel).ConfigureAwait(false);
    }

    /// <summary>Goes on with a token from elsewhere: a failure leaves it as it was.</summary>
    /// <exception cref="HaveApiException"/>
    public static async Task<VpsAdminConnection> ResumeAsync(string name, Uri uri, IAuthentication authentication, CancellationToken cancel)
    {
        var api = await HaveApiClient.ConnectAsync(uri, authentication, Options, handler: null, cancel).ConfigureAwait(false);
        return await OpenAsync(name, api, server: null, () => Task.CompletedTask, cancel).ConfigureAwait(false);
    }

    /// <summary>A description of vpsAdmin is a megabyte: a job's process does not fetch it each time.</summary>
    private static HaveApiClientOptions Options => new()
    {
        DescriptionCache = DescriptionCacheOptions.UsersFolder("vpsadmin") is { } folder ? new DescriptionCacheOptions(folder) : null,
    };

    private static async Task<VpsAdminConnection> OpenAsync(
        string name, HaveApiClient api, ServerProcess? server, Func<Task> giveUp, CancellationToken cancel)
    {
        var client = new VpsAdminClient(api);
        try
        {
            // Also the proof that a token given by the user is valid.
            var user = await client.GetCurrentUserAsync(cancel).ConfigureAwait(false);
            return new VpsAdminConnection(name, client, user) { Server = server };
        }
        catch
        {
            await giveUp().ConfigureAwait(false);
            client.Dispose();
            throw;
        }
    }

    /// <summary>The error that brought us here is the one to tell; a token that cannot be revoked expires.</summary>
    private static async Task LogoutQuietlyAsync(HaveApiClient api)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await api.LogoutAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HaveApiException or OperationCanceledException)
        {
        }
    }
}
