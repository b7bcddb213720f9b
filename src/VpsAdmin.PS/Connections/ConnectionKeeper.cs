using System.Net;
using System.Security;
using VpsAdmin.Client;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.PS.Connections;

/// <summary>Saves a new login, and later what became of its token.</summary>
/// <param name="vault">Has the token itself; null: the file has it.</param>
internal sealed class ConnectionKeeper(string name, string? vault, Action<SavedConnection> update)
{
    private volatile SavedConnection? _saved;

    /// <summary>What the login was made with, when that is OAuth2.</summary>
    public OAuthClient? Client { get; set; }

    public SecureString TokenOf(VpsAdminConnection connection) => new NetworkCredential("", Describe(connection).Token).SecurePassword;

    public async Task<SavedConnections> SaveAsync(SavedConnectionStore store, VpsAdminConnection connection, CancellationToken cancel)
    {
        var saved = Describe(connection);
        if (vault is not null)
            saved = saved with { Token = null, Vault = vault };
        var all = await store.UpdateAsync(before => before.With(saved), cancel).ConfigureAwait(false);
        connection.IsSaved = true;
        connection.Vault = vault;
        _saved = saved;
        return all;
    }

    /// <summary>Called on any thread; does nothing before the login is saved.</summary>
    public void Update(SavedToken news)
    {
        if (_saved is { } saved)
            update(SavedAuthentication.With(saved, news));
    }

    /// <summary>Called on any thread; does nothing before the login is saved.</summary>
    public void Update(SavedOAuthLogin news)
    {
        if (_saved is { } saved)
            update(SavedAuthentication.With(saved, news));
    }

    private SavedConnection Describe(VpsAdminConnection connection) => SavedAuthentication.Save(
        name, connection.Uri!, new User(connection.UserId!.Value, connection.User!, null, null), connection.Client.Api.Authentication, Client);
}
