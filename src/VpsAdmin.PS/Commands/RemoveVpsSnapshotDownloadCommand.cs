using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Removes files that the server made of snapshots; the snapshots stay.</summary>
[Cmdlet(VerbsCommon.Remove, "VpsSnapshotDownload", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ById)]
public sealed class RemoveVpsSnapshotDownloadCommand : ConnectedCmdlet
{
    private const string ById = "Id";
    private const string ByDownload = "Download";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById, HelpMessage = "Ids of downloads.")]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(DownloadIdCompleter))]
    public long[] Id { get; set; } = null!;

    // Not by the property Id: a snapshot has one too.
    [Parameter(Mandatory = true, ParameterSetName = ByDownload, ValueFromPipeline = true, HelpMessage = "Objects of Get-VpsSnapshotDownload.")]
    [ValidateNotNull]
    public SnapshotDownload[] Download { get; set; } = null!;

    [Parameter(HelpMessage = "Do not wait until the file is gone.")]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var id in ParameterSetName == ById ? Id : [])
            Attempt(id, () => Remove(id, $"download {id}"));
        foreach (var download in ParameterSetName == ByDownload ? Download : [])
            Attempt(download, () => Remove(download.Id, $"download {download.Id} ({download.FileName})"));
    }

    private void Remove(long id, string name)
    {
        if (ShouldProcess(name, "Remove from the server"))
            Await((messages, cancel) => RemoveAsync(id, name, messages, cancel));
    }

    private async Task<bool> RemoveAsync(long id, string name, PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.DeleteDownloadAsync(id, cancel).ConfigureAwait(false);
        using var progress = new ActionProgress(messages, Time, $"Removing {name}");
        if (!NoWait)
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return true;
    }
}
