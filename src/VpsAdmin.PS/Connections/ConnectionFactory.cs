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
    }

    public static bool SendsInTheClear(Uri uri) => uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback;

    /// <exception cref="HaveApiException"/>
    public static async Task<VpsAdminConnection> ConnectAsync(
        Uri uri, IAuthentication authentication, CancellationToken cancel, ServerProcess? server = null)
    {
        var api = await HaveApiClient.ConnectAsync(uri, authentication, options: null, handler: null, cancel).ConfigureAwait(false);
        var client = new VpsAdminClient(api);
        try
        {
            // Also the proof that a token given by the user is valid.
            var user = await client.GetCurrentUserAsync(cancel).ConfigureAwait(false);
            return new VpsAdminConnection(client, user) { Server = server };
        }
        catch
        {
            await LogoutQuietlyAsync(api).ConfigureAwait(false);
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
