using System.Management.Automation;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Ends a session: revokes the token that <c>Connect-VpsAdmin</c> requested. One that is saved goes on for other processes, unless it is
/// forgotten; one that the user gave stays valid.
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "VpsAdmin", SupportsShouldProcess = true)]
public sealed class DisconnectVpsAdminCommand : SessionCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, HelpMessage = "The connection or its name; by default the one that this session uses.")]
    [ConnectionTransformation]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public VpsAdminConnection? Connection { get; set; }

    [Parameter(HelpMessage = "Also remove it from the saved connections, and end its token.")]
    public SwitchParameter Forget { get; set; }

    protected override void ProcessRecord() => Attempt(Connection, () =>
    {
        var session = SessionConnections.Here;
        var open = Connection is null ? session.Usual : Connection.IsNameOnly ? session.Find(Connection.Name) : Connection;
        var name = open?.Name ?? Connection?.Name;
        var saved = Forget ? FindSavedOr(name) : null;
        if (open is null && saved is null)
            throw Nothing(name);
        if (!ShouldProcess(open?.ToString() ?? saved!.ToString(), saved is null ? "Disconnect" : "Disconnect and forget"))
            return;
        if (open is not null)
            Attempt(open, () => Close(open));
        if (saved is not null)
            ForgetSaved(saved, isRevoked: open is { IsSaved: true });
    });

    private static VpsAdminException Nothing(string? name)
    {
        if (name is null)
            return new VpsAdminException(Errors.NotConnected, "There is no connection to close.", null);
        return FindSaved(name) is null
            ? NotFound(name)
            : new VpsAdminException(Errors.NotConnected, $"'{name}' is saved, and not open in this session; -Forget removes it.", name);
    }

    /// <summary>By name, or the default of later processes.</summary>
    private static SavedConnection? FindSavedOr(string? name)
    {
        var all = Store.Read();
        return all.Find(name ?? all.Default);
    }

    private void Close(VpsAdminConnection connection)
    {
        SessionConnections.Here.Leave(connection);
        Await(cancel => connection.CloseAsync(revoke: Forget || !connection.IsSaved, cancel));
    }

    /// <summary>It is forgotten even when the server cannot be told, which is an error of its own.</summary>
    private void ForgetSaved(SavedConnection saved, bool isRevoked)
    {
        if (!isRevoked && (saved.Terms is not null || saved.OAuth is not null))
            Attempt(saved.Name, () => Revoke(saved));
        if (saved.Vault is not null)
            Attempt(saved.Name, () => SecretVault.Remove(this, saved.Vault, saved.Name));
        Await(cancel => Store.UpdateAsync(all => all.Without(saved.Name), cancel));
    }

    private void Revoke(SavedConnection saved)
    {
        try
        {
            Close(Open(saved));
        }
        catch (ActionFailedException e) when (e.IsUnauthorized)
        {
            WriteVerbose($"The token of '{saved.Name}' had ended already.");
        }
    }
}
