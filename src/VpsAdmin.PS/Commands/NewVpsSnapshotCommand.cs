using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Takes a snapshot of a dataset, and waits until the server has it.</summary>
[Cmdlet(VerbsCommon.New, "VpsSnapshot", SupportsShouldProcess = true)]
[OutputType(typeof(Snapshot))]
public sealed class NewVpsSnapshotCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Id, full name, or object of Get-VpsDataset or Get-Vps.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument[] Dataset { get; set; } = null!;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Label { get; set; }

    [Parameter(HelpMessage = "Do not wait: the snapshot has a provisional name and cannot be transferred yet.")]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var dataset in Dataset)
            if (ShouldProcess($"dataset {dataset}", "Take a snapshot"))
                Attempt(dataset, () => WriteObject(Await((messages, cancel) => TakeAsync(dataset, messages, cancel)), enumerateCollection: false));
    }

    private async Task<Snapshot> TakeAsync(DatasetArgument argument, PipelineMessages messages, CancellationToken cancel)
    {
        var datasetId = await argument.FindIdAsync(Client, cancel).ConfigureAwait(false);
        var started = await Client.CreateSnapshotAsync(datasetId, Label, cancel).ConfigureAwait(false);
        if (NoWait)
            return started.Value;
        using (var progress = new ActionProgress(messages, Time, $"Taking a snapshot of dataset {argument}"))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return await Transfers.Confirmation.WaitAsync(Client, started.Value, Time, cancel).ConfigureAwait(false);
    }
}
