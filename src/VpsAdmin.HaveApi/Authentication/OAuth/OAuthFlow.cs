using System.Text.Json;
using Duende.IdentityModel.Client;
using Duende.IdentityModel.Jwk;
using Duende.IdentityModel.OidcClient;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>An answer of the token endpoint.</summary>
/// <param name="RefreshToken">Null: none, or the old one goes on.</param>
/// <param name="ExpiresIn">Null when the server did not say.</param>
internal sealed record OAuthTokens(string AccessToken, string? RefreshToken, TimeSpan? ExpiresIn);

/// <summary>
/// Speaks with an authorization server through OidcClient. HaveAPI's providers are plain OAuth2: there is neither discovery nor an identity
/// token, which the library does not need either, and <c>expires_in</c> is a fraction, which it would read as 0.
/// </summary>
internal sealed class OAuthFlow(OAuthClient client, OAuthOffer offer, ILoginSession session)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private ClientCredentialStyle CredentialStyle =>
        client.ClientSecret is null ? ClientCredentialStyle.PostBody : ClientCredentialStyle.AuthorizationHeader;

    /// <summary>The code grant with PKCE: the browser asks the user, the code comes to a listener of ours.</summary>
    public async Task<OAuthTokens> AuthorizeAsync(Func<Uri, CancellationToken, Task> openBrowser, CancellationToken cancel)
    {
        using var listener = LoopbackListener.Start(client.RedirectUri);
        var library = new OidcClient(Options(listener.Address));
        var state = await library.PrepareLoginAsync(cancellationToken: cancel).ConfigureAwait(false);
        await openBrowser(new Uri(state.StartUrl), cancel).ConfigureAwait(false);
        var answer = await TimedAsync(client.Patience, "The browser brought no answer", limit => listener.ReceiveAsync(state.State, limit), cancel)
            .ConfigureAwait(false);
        var result = await TimedAsync(Timeout, TokenSilence, limit => library.ProcessResponseAsync(answer, state, cancellationToken: limit), cancel)
            .ConfigureAwait(false);
        if (result.IsError)
            throw new OAuthFailedException("The login was not completed", Clean(result.Error), Clean(result.ErrorDescription));
        return Read(result.TokenResponse);
    }

    /// <exception cref="OAuthFailedException">The server refused: log in again.</exception>
    /// <exception cref="ApiUnreachableException"/>
    public async Task<OAuthTokens> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        using var request = new RefreshTokenRequest
        {
            Address = offer.Token.AbsoluteUri,
            ClientId = client.ClientId,
            ClientSecret = client.ClientSecret,
            ClientCredentialStyle = CredentialStyle,
            RefreshToken = refreshToken,
        };
        var response = await TimedAsync(Timeout, TokenSilence, limit => session.Http.RequestRefreshTokenAsync(request, limit), cancel).ConfigureAwait(false);
        ThrowIfFailed(response, "The login cannot be prolonged");
        return Read(response);
    }

    /// <exception cref="OAuthFailedException"/>
    /// <exception cref="ApiUnreachableException"/>
    public async Task RevokeAsync(string token, string kind, CancellationToken cancel)
    {
        using var request = new TokenRevocationRequest
        {
            Address = offer.Revoke!.AbsoluteUri,
            ClientId = client.ClientId,
            ClientSecret = client.ClientSecret,
            ClientCredentialStyle = CredentialStyle,
            Token = token,
            TokenTypeHint = kind,
        };
        var response = await TimedAsync(Timeout, TokenSilence, limit => session.Http.RevokeTokenAsync(request, limit), cancel).ConfigureAwait(false);
        ThrowIfFailed(response, "The token was not revoked");
    }

    private string TokenSilence => $"{offer.Token.Authority} did not answer";

    private OidcClientOptions Options(Uri redirect) => new()
    {
        Authority = session.BaseUri.AbsoluteUri,
        ProviderInformation = new ProviderInformation
        {
            IssuerName = session.BaseUri.AbsoluteUri,
            AuthorizeEndpoint = offer.Authorize.AbsoluteUri,
            TokenEndpoint = offer.Token.AbsoluteUri,
            KeySet = new JsonWebKeySet(),
        },
        ClientId = client.ClientId,
        ClientSecret = client.ClientSecret,
        TokenClientCredentialStyle = CredentialStyle,
        Scope = client.Scope,
        RedirectUri = redirect.AbsoluteUri,
        LoadProfile = false,
        HttpClientFactory = _ => session.Http,
    };

    private static void ThrowIfFailed(ProtocolResponse response, string what)
    {
        if (!response.IsError)
            return;
        if (response.ErrorType == ResponseErrorType.Exception || (int)response.HttpStatusCode >= 500)
            throw new ApiUnreachableException($"{what}: {Clean(response.Error)}", response.HttpStatusCode, null, response.Exception);
        throw new OAuthFailedException(what, Clean(response.Error), Clean((response as TokenResponse)?.ErrorDescription));
    }

    private static OAuthTokens Read(TokenResponse response)
    {
        if (!TokenAuthentication.CanBeSent(response.AccessToken))
            throw new ProtocolException("The authorization server sent an access token that cannot be sent back in a header.");
        return new OAuthTokens(response.AccessToken!, string.IsNullOrEmpty(response.RefreshToken) ? null : response.RefreshToken, Life(response.Json));
    }

    private static TimeSpan? Life(JsonElement? json)
    {
        if (json is not { ValueKind: JsonValueKind.Object } values || !values.TryGetProperty("expires_in", out var life))
            return null;
        return life.ValueKind == JsonValueKind.Number && life.TryGetDouble(out var seconds) && seconds is > 0 and < int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private async Task<T> TimedAsync<T>(TimeSpan limit, string failure, Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, session.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            var result = await work(both.Token).ConfigureAwait(false);
            // The library makes a failed response of a cancellation.
            both.Token.ThrowIfCancellationRequested();
            return result;
        }
        catch (OperationCanceledException e)
        {
            cancel.ThrowIfCancellationRequested();
            throw new ApiUnreachableException($"{failure} within {limit.TotalSeconds:0.#} s.", null, null, e);
        }
    }

    private static string? Clean(string? text) => text is null ? null : ServerText.Printable(text, 500);
}
