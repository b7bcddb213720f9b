using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Starts virtual servers. One that runs is left alone.</summary>
[Cmdlet(VerbsLifecycle.Start, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class StartVpsCommand : VpsWorkCmdlet
{
    private protected override string Work => "Start the VPS";

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.StartVpsAsync(id, cancel);
}
