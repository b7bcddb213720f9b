using System.Globalization;
using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS;

/// <summary>Steers migration plans, and waits for their end where that is wanted.</summary>
public abstract class MigrationPlanCmdlet : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Ids, or objects of Get-VpsMigrationPlan.")]
    [IdsTransformation(typeof(MigrationPlan))]
    public long[] Id { get; set; } = null!;

    [Parameter(HelpMessage = "Wait until the plan has ended.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>What is done, such as "Start the migration plan".</summary>
    private protected abstract string Work { get; }

    private protected abstract Task<MigrationPlan> SteerAsync(long id, CancellationToken cancel);

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            if (ShouldProcess(string.Create(CultureInfo.InvariantCulture, $"Migration plan {id}"), Work))
                Attempt(id, () => WriteObject(Await((messages, cancel) => RunAsync(id, messages, cancel)), enumerateCollection: false));
        }
    }

    private async Task<MigrationPlan> RunAsync(long id, PipelineMessages messages, CancellationToken cancel)
    {
        var plan = await SteerAsync(id, cancel).ConfigureAwait(false);
        if (!Wait)
            return plan;
        using var progress = new MigrationProgress(messages, Time, $"Migration plan {id}");
        return await Client.WaitForMigrationPlanAsync(id, Time, progress, cancel).ConfigureAwait(false);
    }
}
