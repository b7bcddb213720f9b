using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS.Commands;

/// <summary>A dataset below another.</summary>
[Cmdlet(VerbsCommon.New, "VpsDataset", SupportsShouldProcess = true)]
[OutputType(typeof(Dataset))]
public sealed class NewVpsDatasetCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "One name, without slashes.")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = null!;

    [Parameter(Position = 1, ValueFromPipeline = true, HelpMessage = "Dataset to make it in: id, full name, or object of Get-VpsDataset or Get-Vps.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument? Parent { get; set; }

    protected override void ProcessRecord() =>
        Attempt(Name, () =>
        {
            if (!ZfsName.IsComponent(Name))
                throw new VpsAdminException(Errors.InvalidDatasetName, $"'{Name}' is not a name that ZFS accepts for a dataset.", Name);
            if (ShouldProcess(Parent is null ? Name : $"{Name} in {Parent}", "Create a dataset"))
                WriteObject(Await(CreateAsync), enumerateCollection: false);
        });

    private async Task<Dataset> CreateAsync(Pipeline.PipelineMessages messages, CancellationToken cancel)
    {
        long? parentId = Parent is null ? null : await Parent.FindIdAsync(Client, cancel).ConfigureAwait(false);
        var started = await Client.CreateDatasetAsync(parentId, Name, cancel).ConfigureAwait(false);
        using (var progress = new ActionProgress(messages, Time, $"Creating dataset {Name}"))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return await Client.GetDatasetAsync(started.Value.Id, cancel).ConfigureAwait(false);
    }
}
