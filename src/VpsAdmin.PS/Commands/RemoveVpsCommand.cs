using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Deletes virtual servers: they are stopped, and destroyed with their datasets, snapshots and backups after a delay.</summary>
[Cmdlet(VerbsCommon.Remove, "Vps", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Vps))]
public sealed class RemoveVpsCommand : VpsWorkCmdlet
{
    [Parameter(HelpMessage = "Destroy them now, and not after the server's delay. For administrators.")]
    public SwitchParameter Now { get; set; }

    private protected override string Work => Now ? "Destroy the VPS now, with its datasets, snapshots and backups on the server" : "Stop the VPS and delete it";

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.DeleteVpsAsync(id, Now, cancel);
}
