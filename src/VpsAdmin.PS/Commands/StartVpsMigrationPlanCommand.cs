using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Starts migration plans. For administrators.</summary>
[Cmdlet(VerbsLifecycle.Start, "VpsMigrationPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(MigrationPlan))]
public sealed class StartVpsMigrationPlanCommand : MigrationPlanCmdlet
{
    private protected override string Work => "Start the migration plan";

    private protected override Task<MigrationPlan> SteerAsync(long id, CancellationToken cancel) => Client.StartMigrationPlanAsync(id, cancel);
}
