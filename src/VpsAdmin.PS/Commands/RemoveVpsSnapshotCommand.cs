using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Deletes snapshots on the server. Backups on this machine stay.</summary>
[Cmdlet(VerbsCommon.Remove, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ById)]
public sealed class RemoveVpsSnapshotCommand : SnapshotCmdlet
{
    [Parameter(HelpMessage = "Do not wait until the server has done it.")]
    public SwitchParameter NoWait { get; set; }

    private protected override void Process(Snapshot snapshot)
    {
        if (ShouldProcess(Name(snapshot), "Delete the snapshot on the server"))
            Await((messages, cancel) => RemoveAsync(snapshot, messages, cancel));
    }

    private async Task<bool> RemoveAsync(Snapshot snapshot, PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.DeleteSnapshotAsync(snapshot.DatasetId, snapshot.Id, cancel).ConfigureAwait(false);
        if (NoWait)
            return false;
        using var progress = new ActionProgress(messages, Time, $"Deleting {Name(snapshot)}");
        await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return true;
    }
}
