using System.Management.Automation;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Commands;

/// <summary>Ends a session: revokes the token that <c>Connect-VpsAdmin</c> requested. A token given by the user stays valid.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "VpsAdmin", SupportsShouldProcess = true)]
public sealed class DisconnectVpsAdminCommand : VpsCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public VpsAdminConnection? Connection { get; set; }

    protected override void ProcessRecord()
    {
        if ((Connection ?? DefaultConnection.Current) is not { } connection)
        {
            WriteError(Errors.Describe(Errors.NotConnected, "There is no connection to close.", null));
            return;
        }

        if (!ShouldProcess(connection.ToString(), "Disconnect"))
            return;
        DefaultConnection.Forget(connection);
        Attempt(connection, () => Await(connection.CloseAsync));
    }
}
