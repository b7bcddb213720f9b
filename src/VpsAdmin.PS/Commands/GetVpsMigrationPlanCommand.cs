using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>Migration plans, or the virtual servers of one. For administrators.</summary>
[Cmdlet(VerbsCommon.Get, "VpsMigrationPlan", DefaultParameterSetName = ByFilter)]
[OutputType(typeof(MigrationPlan), typeof(VpsMigration))]
public sealed class GetVpsMigrationPlanCommand : ConnectedCmdlet
{
    private const string ByFilter = "Filter";
    private const string ById = "Id";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById, HelpMessage = "Ids of plans, or plans whose state is to be read anew.")]
    [IdsTransformation(typeof(MigrationPlan))]
    public long[] Id { get; set; } = null!;

    [Parameter(ParameterSetName = ById, HelpMessage = "The virtual servers of the plans instead of the plans.")]
    public SwitchParameter Migrations { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only those in this state, such as running.")]
    [ValidateSet("staged", "running", "cancelling", "failing", "cancelled", "done", "error")]
    public string? State { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByFilter)
            Attempt(Session, () => WriteObject(Await(cancel => Client.GetMigrationPlansAsync(State, cancel)), enumerateCollection: true));
        else
            foreach (var id in Id)
                Attempt(id, () => Write(id));
    }

    private void Write(long id)
    {
        if (Migrations)
            WriteObject(Await(cancel => Client.GetMigrationsAsync(id, cancel)), enumerateCollection: true);
        else
            WriteObject(Await(cancel => Client.GetMigrationPlanAsync(id, cancel)), enumerateCollection: false);
    }
}
