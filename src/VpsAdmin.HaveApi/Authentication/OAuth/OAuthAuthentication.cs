using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>An OAuth2 login through the user's browser, kept alive with its refresh token. For one client at a time.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing.")]
public sealed class OAuthAuthentication : IAuthentication
{
    /// <summary>An access token is renewed so long before its end, or in the last quarter of a shorter life.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly OAuthClient _client;
    private readonly Func<Uri, CancellationToken, Task>? _openBrowser;
    private readonly Action<SavedOAuthLogin>? _changed;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private OAuthOffer? _offer;
    private volatile SavedOAuthLogin? _login;

    private OAuthAuthentication(
        OAuthClient client, Func<Uri, CancellationToken, Task>? openBrowser, SavedOAuthLogin? login, Action<SavedOAuthLogin>? changed)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(client.ClientId);
        _client = client;
        _openBrowser = openBrowser;
        _login = login;
        _changed = changed;
    }

    /// <summary>Logs in: code grant with PKCE.</summary>
    /// <param name="openBrowser">Shows the address to the user, in a browser or in a text; returns at once.</param>
    /// <param name="changed">
    /// Told when tokens were issued, to store them; called before the call that they were needed for. Servers may issue a new refresh token
    /// with each renewal and refuse the old one: what is not stored is lost.
    /// </param>
    public static OAuthAuthentication Authorize(
        OAuthClient client, Func<Uri, CancellationToken, Task> openBrowser, Action<SavedOAuthLogin>? changed = null)
    {
        ArgumentNullException.ThrowIfNull(openBrowser);
        return new OAuthAuthentication(client, openBrowser, null, changed);
    }

    /// <summary>Goes on with a login of an earlier process. Nothing is asked of the server before the first call.</summary>
    /// <param name="changed">As for <see cref="Authorize"/>.</param>
    public static OAuthAuthentication Restore(OAuthClient client, SavedOAuthLogin saved, Action<SavedOAuthLogin>? changed = null)
    {
        ArgumentNullException.ThrowIfNull(saved);
        return TokenAuthentication.CanBeSent(saved.AccessToken)
            ? new OAuthAuthentication(client, null, saved, changed)
            : throw new ArgumentException("The access token is empty, too long, or has characters that a header cannot carry.", nameof(saved));
    }

    public string? Identity => _login is { } login ? $"oauth2:{login.Id:N}" : null;

    /// <summary>What <see cref="Restore"/> takes; null before logging in.</summary>
    public SavedOAuthLogin? Saved => _login;

    /// <summary>UTC, of the access token; null when the server did not say.</summary>
    public DateTimeOffset? ValidTo => _login?.ExpiresAt;

    public async Task<bool> LoginAsync(ILoginSession session, CancellationToken cancel)
    {
        _offer = OAuthOffer.Read(session, _client.TrustedOrigins);
        if (_login is not null)
            return false;
        var asked = session.Time.GetUtcNow();
        var tokens = await new OAuthFlow(_client, _offer, session).AuthorizeAsync(_openBrowser!, cancel).ConfigureAwait(false);
        Change(Guid.NewGuid(), tokens, null, asked);
        return true;
    }

    public async Task RenewAsync(ILoginSession session, CancellationToken cancel)
    {
        if (!IsDue(session.Time))
            return;
        await _renewing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (IsDue(session.Time))
                await RefreshAsync(_login!, session, cancel).ConfigureAwait(false);
        }
        finally
        {
            _renewing.Release();
        }
    }

    public void Authenticate(HttpRequestMessage request)
    {
        if (_login is not { } login || _offer is not { } offer)
            return;
        if (offer.Header is { } header)
            request.Headers.TryAddWithoutValidation(header, login.AccessToken);
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", login.AccessToken);
    }

    public async Task LogoutAsync(ILoginSession session, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _login, null) is not { } login || _offer is not { Revoke: not null } offer)
            return;
        var flow = new OAuthFlow(_client, offer, session);
        await flow.RevokeAsync(login.AccessToken, "access_token", cancel).ConfigureAwait(false);
        if (login.RefreshToken is { } refresh)
            await flow.RevokeAsync(refresh, "refresh_token", cancel).ConfigureAwait(false);
    }

    private async Task RefreshAsync(SavedOAuthLogin login, ILoginSession session, CancellationToken cancel)
    {
        var asked = session.Time.GetUtcNow();
        try
        {
            var tokens = await new OAuthFlow(_client, _offer!, session).RefreshAsync(login.RefreshToken!, cancel).ConfigureAwait(false);
            Change(login.Id, tokens, login.RefreshToken, asked);
        }
        catch (ApiUnreachableException) when (session.Time.GetUtcNow() < login.ExpiresAt)
        {
            // The access token is good for a while yet, and the next call tries again.
        }
    }

    private void Change(Guid id, OAuthTokens tokens, string? oldRefreshToken, DateTimeOffset asked)
    {
        var login = new SavedOAuthLogin(id, tokens.AccessToken, tokens.RefreshToken ?? oldRefreshToken, asked, asked + tokens.ExpiresIn);
        _login = login;
        _changed?.Invoke(login);
    }

    private bool IsDue(TimeProvider time)
    {
        if (_login is not { RefreshToken: not null, ExpiresAt: { } end } login)
            return false;
        var quarter = (end - login.IssuedAt) / 4;
        return time.GetUtcNow() >= end - (quarter < Margin ? quarter : Margin);
    }
}
