using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Has virtual servers shut down, and starts them again.</summary>
[Cmdlet(VerbsLifecycle.Restart, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class RestartVpsCommand : VpsWorkCmdlet
{
    [Parameter(HelpMessage = "Kill it instead of having it shut down.")]
    public SwitchParameter Force { get; set; }

    private protected override string Work => "Restart the VPS";

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.RestartVpsAsync(id, Force, cancel);
}
