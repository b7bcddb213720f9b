using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that talks to a server: the one given, or the last that this session connected to.</summary>
public abstract class ConnectedCmdlet : VpsCmdlet
{
    private VpsAdminConnection? _session;

    [Parameter(HelpMessage = "Connection to use; by default the last one of Connect-VpsAdmin or Start-VpsAdminServer.")]
    public VpsAdminConnection? Connection { get; set; }

    private protected VpsAdminConnection Session => _session!;

    private protected VpsAdminClient Client => Session.Client;

    /// <summary>Nothing is touched without a connection.</summary>
    protected override void BeginProcessing()
    {
        _session = Connection ?? DefaultConnection.Current;
        if (_session is null || !_session.IsConnected)
            ThrowTerminatingError(Errors.Describe(Errors.NotConnected, "There is no connection to a vpsAdmin server.", _session));
    }
}
