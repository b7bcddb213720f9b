using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Has virtual servers shut down.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class StopVpsCommand : VpsWorkCmdlet
{
    [Parameter(HelpMessage = "Kill it instead of having it shut down.")]
    public SwitchParameter Force { get; set; }

    private protected override string Work => Force ? "Kill the VPS" : "Stop the VPS";

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.StopVpsAsync(id, Force, cancel);
}
