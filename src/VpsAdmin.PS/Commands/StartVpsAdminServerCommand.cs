using System.Management.Automation;
using System.Net;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Servers;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Starts a vpsAdmin server of one's own, by default on a free port of the loopback interface, waits until it is healthy, and connects as its
/// administrator. The server ends with <c>Stop-VpsAdminServer</c> or with this PowerShell process.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "VpsAdminServer", SupportsShouldProcess = true, DefaultParameterSetName = ByPort)]
[OutputType(typeof(VpsAdminConnection))]
public sealed class StartVpsAdminServerCommand : VpsCmdlet
{
    private const string ByPort = "Port";
    private const string ByUri = "Uri";

    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Folder for the server's database and password; made when it is not there.")]
    [ValidateNotNullOrEmpty]
    public string DataPath { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "ZFS pool or filesystem for the virtual servers' datasets, such as tank/vps.")]
    [ValidateDatasetName]
    public string Pool { get; set; } = null!;

    [Parameter(ParameterSetName = ByPort, HelpMessage = "Port on the loopback interface; 0: any that is free.")]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ByUri, HelpMessage = "Address to listen on, such as http://127.0.0.1:9292.")]
    [ValidateNotNull]
    public Uri Uri { get; set; } = null!;

    [Parameter(HelpMessage = "The server program; by default the module's own, else the one in PATH.")]
    [ValidateNotNullOrEmpty]
    public string? ServerPath { get; set; }

    [Parameter(HelpMessage = "How long to wait for the server to answer; a number means seconds.")]
    [TimeSpanTransformation(TimeUnit.Seconds)]
    [ValidateTimeSpan("0.00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    protected override void EndProcessing()
    {
        var start = Require(DataPath, Describe);
        if (!ShouldProcess(start.DataPath, $"Start a vpsAdmin server for {start.Pool} at {start.Listen}"))
            return;
        var connection = Require(start.DataPath, () => Await((messages, cancel) => new ServerLauncher(messages, Time).StartAsync(start, Timeout, cancel)));
        SessionConnections.Here.SetDefault(connection);
        WriteObject(connection, enumerateCollection: false);
    }

    private ServerStart Describe()
    {
        var listen = ParameterSetName == ByUri ? Uri : new UriBuilder(Uri.UriSchemeHttp, IPAddress.Loopback.ToString(), Port).Uri;
        ConnectionFactory.Check(listen);
        if (ConnectionFactory.SendsInTheClear(listen))
            WriteWarning($"{listen} is not encrypted and not only for this machine: put a proxy with https before it.");
        var program = ServerPath is null ? ServerProgram.Find() : ServerProgram.Require(FilePath.Literal(this, ServerPath));
        return new ServerStart(program, FilePath.Literal(this, DataPath), Pool, listen);
    }
}
