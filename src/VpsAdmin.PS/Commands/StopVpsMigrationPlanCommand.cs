using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Cancels migration plans: what has begun goes on to its end, the others stay where they are. For administrators.</summary>
[Cmdlet(VerbsLifecycle.Stop, "VpsMigrationPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationPlan))]
public sealed class StopVpsMigrationPlanCommand : MigrationPlanCmdlet
{
    private protected override string Work => "Cancel the migration plan";

    private protected override Task<MigrationPlan> SteerAsync(long id, CancellationToken cancel) => Client.CancelMigrationPlanAsync(id, cancel);
}
