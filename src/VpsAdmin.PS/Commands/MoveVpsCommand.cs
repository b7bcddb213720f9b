using System.Globalization;
using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Moves several virtual servers to another node with a migration plan. For administrators.</summary>
[Cmdlet(VerbsCommon.Move, "Vps", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = NewPlan)]
[OutputType(typeof(MigrationPlan))]
public sealed class MoveVpsCommand : ConnectedCmdlet
{
    private const string NewPlan = "NewPlan";
    private const string ExistingPlan = "ExistingPlan";
    private const int Fewest = 2;

    private readonly List<long> _ids = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Ids, or objects of Get-Vps; at least two.")]
    [IdsTransformation(typeof(Vps))]
    public long[] Id { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Node to move to: id, name or domain name.")]
    [ValidateNotNullOrEmpty]
    public string DestinationNode { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ExistingPlan, HelpMessage = "Id of a plan that has not been started, instead of a new one.")]
    [IdTransformation(typeof(MigrationPlan))]
    public long Plan { get; set; }

    [Parameter(HelpMessage = "Delete the datasets on the node that is left; by default as the server does: yes.")]
    public SwitchParameter CleanupData { get; set; }

    [Parameter(HelpMessage = "Wait for the VPS's maintenance window; by default as the server does: yes.")]
    public SwitchParameter MaintenanceWindow { get; set; }

    [Parameter(ParameterSetName = NewPlan, HelpMessage = "Cancel what has not begun when one fails; by default as the server does: yes.")]
    public SwitchParameter StopOnError { get; set; }

    [Parameter(ParameterSetName = NewPlan, HelpMessage = "How many move at the same time; by default as the server does: 10.")]
    [ValidateRange(1, int.MaxValue)]
    public int? Concurrency { get; set; }

    [Parameter(ParameterSetName = NewPlan, HelpMessage = "Tell the owners by mail; by default as the server does: yes.")]
    public SwitchParameter SendMail { get; set; }

    [Parameter(ParameterSetName = NewPlan, HelpMessage = "Told to the owners.")]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    [Parameter(HelpMessage = "Wait until all have moved.")]
    public SwitchParameter Wait { get; set; }

    protected override void ProcessRecord() => _ids.AddRange(Id);

    protected override void EndProcessing() => Require<object?>(_ids, () =>
    {
        var ids = _ids.Distinct().ToList();
        if (ids.Count < Fewest)
            throw new VpsAdminException(Errors.TooFewVpses, "Fewer than two VPSes were named.", _ids);
        var node = Await(FindNodeAsync);
        Await(cancel => CheckAsync(ids, cancel));
        var servers = string.Join(", ", ids.Select(static id => id.ToString(CultureInfo.InvariantCulture)));
        if (ShouldProcess($"VPS {servers}", $"Move to node {DestinationNode}"))
            Tell(Await((messages, cancel) => MoveAsync(ids, node, messages, cancel)));
        return null;
    });

    /// <summary>What the user said; null, so that the server decides, where nothing was (V24).</summary>
    private bool? Said(SwitchParameter value, string name) => MyInvocation.BoundParameters.ContainsKey(name) ? value.IsPresent : null;

    private async Task<long> FindNodeAsync(CancellationToken cancel)
    {
        if (long.TryParse(DestinationNode, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return id;
        var nodes = await Client.GetNodesAsync(cancel).ConfigureAwait(false);
        return nodes.FirstOrDefault(n => n.DomainName == DestinationNode || n.Name == DestinationNode)?.Id
            ?? throw new VpsAdminException(Errors.ObjectNotFound, $"There is no node '{DestinationNode}' that this account may see.", DestinationNode);
    }

    /// <summary>Before a plan is made, which would stay half filled.</summary>
    private async Task CheckAsync(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        if (ParameterSetName == ExistingPlan && await Client.GetMigrationPlanAsync(Plan, cancel).ConfigureAwait(false) is { State: not MigrationPlan.Staged } plan)
            throw new VpsAdminException(Errors.MigrationPlanStarted, $"Migration plan {plan.Id} is '{plan.State}' and takes no more VPSes.", plan);
        foreach (var id in ids)
            await Client.GetVpsAsync(id, cancel).ConfigureAwait(false);
    }

    private async Task<MigrationPlan> MoveAsync(IReadOnlyList<long> ids, long node, PipelineMessages messages, CancellationToken cancel)
    {
        var planId = ParameterSetName == ExistingPlan
            ? Plan
            : (await Client.CreateMigrationPlanAsync(
                new MigrationPlanOptions(Said(StopOnError, nameof(StopOnError)), Said(SendMail, nameof(SendMail)), Concurrency, Reason), cancel).ConfigureAwait(false)).Id;
        try
        {
            var options = new VpsMigrationOptions(Said(CleanupData, nameof(CleanupData)), Said(MaintenanceWindow, nameof(MaintenanceWindow)));
            foreach (var id in ids)
            {
                messages.Verbose($"Adding VPS {id} to migration plan {planId}.");
                await Client.AddMigrationAsync(planId, id, node, options, cancel).ConfigureAwait(false);
            }
            var started = await Client.StartMigrationPlanAsync(planId, cancel).ConfigureAwait(false);
            if (!Wait)
                return started;
        }
        catch (HaveApiException)
        {
            messages.Warning($"Migration plan {planId} was not started. Some VPSes may be in it already: add the others and start it with -Plan {planId}, or delete it on the server.");
            throw;
        }
        using var progress = new MigrationProgress(messages, Time, $"Migration plan {planId}");
        return await Client.WaitForMigrationPlanAsync(planId, Time, progress, cancel).ConfigureAwait(false);
    }

    private void Tell(MigrationPlan plan)
    {
        WriteObject(plan, enumerateCollection: false);
        if (Wait && plan.State != MigrationPlan.Done)
            throw new VpsAdminException(Errors.MigrationFailed, $"Migration plan {plan.Id} ended in the state '{plan.State}'.", plan);
    }
}
