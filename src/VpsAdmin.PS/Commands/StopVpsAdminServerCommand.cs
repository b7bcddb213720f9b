using System.Management.Automation;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Servers;

namespace VpsAdmin.PS.Commands;

/// <summary>Stops a server that <c>Start-VpsAdminServer</c> started in this PowerShell process: asks it to end, and kills it if it does not.</summary>
[Cmdlet(VerbsLifecycle.Stop, "VpsAdminServer", SupportsShouldProcess = true)]
public sealed class StopVpsAdminServerCommand : VpsCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ConnectionTransformation]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public VpsAdminConnection? Connection { get; set; }

    [Parameter(HelpMessage = "How long the server may take before it is killed; a number means seconds.")]
    [TimeSpanTransformation(TimeUnit.Seconds)]
    [ValidateTimeSpan("0.00:00:00", "1.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(15);

    protected override void ProcessRecord()
    {
        var session = SessionConnections.Here;
        var connection = Connection is { IsNameOnly: true } named ? session.Find(named.Name) ?? named : Connection ?? session.Default;
        if (connection?.Server is not { } server)
        {
            WriteError(Errors.Describe(Errors.ServerNotOurs,
                connection is null ? "There is no connection to a server." : $"The server of {connection} was not started here.", connection));
            return;
        }

        if (!ShouldProcess($"process {server.Id} at {connection.Uri}", "Stop the vpsAdmin server"))
            return;
        session.Leave(connection);
        Attempt(connection, () => Stop(connection, server));
    }

    private void Stop(VpsAdminConnection connection, ServerProcess server)
    {
        if (!server.Ended.IsCompleted)
            Attempt(connection, () => Await(connection.CloseAsync));
        if (!Await(cancel => server.StopAsync(Grace, Time, cancel)))
            WriteWarning($"The server did not end within {Grace.TotalSeconds:0} seconds and was killed.");
    }
}
