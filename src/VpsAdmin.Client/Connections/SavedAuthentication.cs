using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Client.Connections;

/// <summary>Between a login and what is saved of it. Pure.</summary>
public static class SavedAuthentication
{
    /// <param name="client">What an OAuth2 login was made with; null for others.</param>
    /// <exception cref="ArgumentException">A login that has no token to save.</exception>
    public static SavedConnection Save(string name, Uri uri, User user, IAuthentication authentication, OAuthClient? client) => authentication switch
    {
        TokenAuthentication { Saved: { } token } => Of(name, uri, user, token.Token, Terms(token), null),
        TokenAuthentication given => Of(name, uri, user, given.Token, null, null),
        OAuthAuthentication { Saved: { } login } when client is not null => Of(name, uri, user, login.AccessToken, null, OAuth(client, login)),
        _ => throw new ArgumentException("This login has nothing that a later process could use.", nameof(authentication)),
    };

    /// <param name="token">The saved token, wherever it was.</param>
    /// <param name="changed">Told what to save in place of it when the server issued another one; called on any thread.</param>
    /// <exception cref="ArgumentException">The token is none.</exception>
    public static IAuthentication Restore(SavedConnection saved, string token, Action<SavedConnection> changed) => saved switch
    {
        { Terms: { } terms } => TokenAuthentication.Restore(
            new SavedToken(token, terms.Lifetime, terms.Interval, terms.IssuedAt, terms.ValidTo),
            news => changed(With(saved, news))),
        { OAuth: { } oauth } => OAuthAuthentication.Restore(
            oauth.Client, new SavedOAuthLogin(oauth.Id, token, oauth.RefreshToken, oauth.IssuedAt, oauth.ExpiresAt),
            news => changed(With(saved, news))),
        _ => TokenAuthentication.Use(token),
    };

    /// <summary>With another token, or its new terms.</summary>
    public static SavedConnection With(SavedConnection saved, SavedToken news) => saved with { Token = news.Token, Terms = Terms(news) };

    /// <summary>With other tokens of the same login.</summary>
    /// <exception cref="ArgumentException">It is not of OAuth2.</exception>
    public static SavedConnection With(SavedConnection saved, SavedOAuthLogin news) => saved with
    {
        Token = news.AccessToken,
        OAuth = OAuth(saved.OAuth?.Client ?? throw new ArgumentException("Not a login of OAuth2.", nameof(saved)), news),
    };

    private static SavedConnection Of(string name, Uri uri, User user, string token, SavedTerms? terms, SavedOAuth? oauth) =>
        new(name, uri, user.Login, user.Id, token, null, terms, oauth);

    private static SavedTerms Terms(SavedToken token) => new(token.Lifetime, token.Interval, token.IssuedAt, token.ValidTo);

    private static SavedOAuth OAuth(OAuthClient client, SavedOAuthLogin login) =>
        new(client, login.Id, login.RefreshToken, login.IssuedAt, login.ExpiresAt);
}
