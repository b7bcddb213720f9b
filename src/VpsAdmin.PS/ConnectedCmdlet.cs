using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that talks to a server: the one given, or the one that this session uses.</summary>
public abstract class ConnectedCmdlet : SessionCmdlet
{
    private VpsAdminConnection? _session;

    [Parameter(HelpMessage = "Connection to use; by default the last one of Connect-VpsAdmin or Start-VpsAdminServer.")]
    [ConnectionTransformation]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public VpsAdminConnection? Connection { get; set; }

    private protected VpsAdminConnection Session => _session!;

    private protected VpsAdminClient Client => Session.Client;

    /// <summary>Nothing is touched without a connection.</summary>
    protected override void BeginProcessing() => Require<object?>(Connection, () =>
    {
        Connect();
        return null;
    });

    /// <summary>Finds the connection, and opens it where it is not open yet.</summary>
    /// <exception cref="VpsAdminException">There is none.</exception>
    /// <exception cref="HaveApi.HaveApiException">The server is not reached, or does not let us in.</exception>
    private protected void Connect()
    {
        _session = Connection is null ? FindUsual() : Find(Connection);
        if (_session is null || !_session.IsConnected)
            throw new VpsAdminException(Errors.NotConnected, "There is no connection to a vpsAdmin server.", _session);
    }
}
