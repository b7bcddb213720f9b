using Microsoft.Extensions.Localization;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Web.SignIn;

/// <summary>What became of a step.</summary>
/// <param name="Token">For the cookie; null: not signed in yet.</param>
/// <param name="Interim">A code is missing, and this goes with it.</param>
internal sealed record LoginOutcome(string? Token, string? Interim);

/// <summary>The steps of a login, as the API's own: the same throttle counts both.</summary>
internal sealed class BrowserLogin(DatabaseAccounts accounts, TokenStore tokens, LoginThrottle throttle, IStringLocalizer<Texts> texts)
{
    /// <returns>Neither token nor interim token: user or password is wrong.</returns>
    /// <exception cref="ActionRefusedException">Too many failures.</exception>
    public async Task<LoginOutcome> PasswordAsync(string login, string password, Client client, CancellationToken cancel)
    {
        using var attempt = await throttle.BeginAsync(login, client.Address, cancel).ConfigureAwait(false);
        if (await accounts.IdentifyAsync(login, password, Terms(client), cancel).ConfigureAwait(false) is not { } known)
        {
            throttle.Failed(login, client.Address);
            return new(null, null);
        }
        if (known.Held is { } held)
            return new(null, held.Token);
        throttle.Succeeded(login, client.Address);
        return await IssueAsync(known.UserId, client, cancel).ConfigureAwait(false);
    }

    /// <returns>No token: the code is wrong.</returns>
    /// <exception cref="ActionRefusedException">Too many failures, or the first step was too long ago.</exception>
    public async Task<LoginOutcome> CodeAsync(string interim, string code, Client client, CancellationToken cancel)
    {
        var login = await accounts.PendingLoginAsync(interim, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Refused(texts["That took too long. Sign in anew."]);
        using var attempt = await throttle.BeginAsync(login, client.Address, cancel).ConfigureAwait(false);
        if (await accounts.RedeemAsync(interim, code, cancel).ConfigureAwait(false) is not { } pending)
        {
            throttle.Failed(login, client.Address);
            return new(null, interim);
        }
        throttle.Succeeded(login, client.Address);
        return await IssueAsync(pending.UserId, client, cancel).ConfigureAwait(false);
    }

    private async Task<LoginOutcome> IssueAsync(long userId, Client client, CancellationToken cancel) =>
        new((await tokens.IssueAsync(userId, Terms(client), cancel).ConfigureAwait(false)).Token, null);

    private static TokenTerms Terms(Client client) => new("renewable_auto", SessionCookie.Lifetime) { Client = client, AuthType = SessionCookie.AuthType };
}
