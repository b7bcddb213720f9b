using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Makes the systems of virtual servers anew; what was there is in a snapshot afterwards.</summary>
[Cmdlet(VerbsLifecycle.Install, "Vps", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Vps))]
public sealed class InstallVpsCommand : VpsWorkCmdlet
{
    [Parameter(HelpMessage = "What the system is made of, one of the node's templates; by default the same as before.")]
    [ValidateNotNullOrEmpty]
    public string? Template { get; set; }

    private protected override string Work => "Replace the system of the VPS by a new one";

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.ReinstallVpsAsync(id, Template, cancel);
}
