using System.Management.Automation;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS;

/// <summary>
/// A cmdlet that finds connections: by name, or the one that is used when none is given, which is the session's default, then what the
/// environment names, then the saved default. One that is not open yet is opened by that.
/// </summary>
public abstract class SessionCmdlet : VpsCmdlet
{
    private protected static SavedConnectionStore Store => SavedConnectionStore.OfUser(Time);

    /// <summary>The open connection that the user means; one that was closed stays closed.</summary>
    /// <exception cref="VpsAdminException">There is none of this name.</exception>
    private protected VpsAdminConnection Find(VpsAdminConnection given)
    {
        if (!given.IsNameOnly)
            return given;
        if (given.Name == EnvironmentConnection.UrlVariable && EnvironmentConnection.Read(Environment.GetEnvironmentVariable) is { } environment)
            return SessionConnections.Here.Find(environment) ?? Open(environment);
        return SessionConnections.Here.Find(given.Name) ?? Open(FindSaved(given.Name) ?? throw NotFound(given.Name));
    }

    /// <returns>Null when there is nothing to use.</returns>
    private protected VpsAdminConnection? FindUsual()
    {
        var session = SessionConnections.Here;
        if (session.Default is { } chosen)
            return chosen;
        if (EnvironmentConnection.Read(Environment.GetEnvironmentVariable) is { } environment)
            return session.Use(session.Find(environment) ?? Open(environment));
        var saved = Store.Read();
        if (saved.Find(saved.Default) is not { } usual || session.HasLeft(usual.Name))
            return null;
        return session.Use(session.Find(usual.Name) ?? Open(usual));
    }

    private protected static VpsAdminException NotFound(string name) =>
        new(Errors.ConnectionNotFound, $"There is no connection named '{name}', open or saved.", name);

    private protected static SavedConnection? FindSaved(string name) => Store.Read().Find(name);

    private protected VpsAdminConnection Open(EnvironmentConnection environment)
    {
        WarnOfClearText(environment.Uri);
        var token = UseToken(environment.Token, EnvironmentConnection.TokenVariable);
        var connection = Await(cancel => ConnectionFactory.ResumeAsync(EnvironmentConnection.UrlVariable, environment.Uri, token, cancel));
        SessionConnections.Here.Add(environment, connection);
        return connection;
    }

    private protected VpsAdminConnection Open(SavedConnection saved)
    {
        WarnOfClearText(saved.Uri);
        WriteVerbose($"Opening the saved connection '{saved.Name}' to {saved.Uri}.");
        var authentication = SavedAuthentication.Restore(saved, ReadToken(saved), SaveQuietly);
        var connection = Await(cancel => ConnectionFactory.ResumeAsync(saved.Name, saved.Uri, authentication, cancel));
        connection.IsSaved = true;
        connection.Vault = saved.Vault;
        SessionConnections.Here.Add(connection);
        return connection;
    }

    private protected void WarnOfClearText(Uri uri)
    {
        if (ConnectionFactory.SendsInTheClear(uri))
            WriteWarning($"{uri} is not encrypted: the password and all data can be read on the way. Use https.");
    }

    private protected static TokenAuthentication UseToken(string token, object? target)
    {
        try
        {
            return TokenAuthentication.Use(token);
        }
        catch (ArgumentException e)
        {
            // The library's message names the parameter, never its value.
            throw new VpsAdminException(Errors.InvalidCredential, "The token is empty or has characters that no server issues.", target, e);
        }
    }

    /// <summary>
    /// A token that was renewed or exchanged meanwhile, also by a long backup in the background, which shall not fail for it: the process
    /// that finds an old token says so itself.
    /// </summary>
    private protected static void SaveQuietly(SavedConnection changed)
    {
        if (changed.Vault is not null)
            return;
        try
        {
            // Forgotten meanwhile is forgotten.
            Store.UpdateAsync(all => all.Find(changed.Name) is null ? all : all.Replaced(changed), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SavedConnectionException or IOException or UnauthorizedAccessException)
        {
        }
    }

    private string ReadToken(SavedConnection saved) =>
        saved.Vault is null ? saved.Token! : Secret.Reveal(SecretVault.Read(this, saved.Vault, saved.Name));
}
