using System.Management.Automation;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Commands;

/// <summary>Gives up interrupted downloads: removes what of them is here, and on request the server's file as well.</summary>
[Cmdlet(VerbsCommon.Remove, "VpsTransfer", DefaultParameterSetName = ByObject, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class RemoveVpsTransferCommand : ConnectedCmdlet
{
    private const string ByObject = "Transfer";
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject, ValueFromPipeline = true, HelpMessage = "Objects of Get-VpsTransfer.")]
    [ValidateNotNull]
    public UnfinishedTransfer[] Transfer { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, HelpMessage = "Files that a download would become, or folders: all that are in them.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true, HelpMessage = "As -Path, every character taken as it is.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = null!;

    [Parameter(HelpMessage = "Also delete the download on the connected server, if it is the same one.")]
    public SwitchParameter FromServer { get; set; }

    protected override void BeginProcessing()
    {
        // What is here can be removed without a server.
        if (FromServer)
            base.BeginProcessing();
    }

    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ByPath:
                Array.ForEach(Path, path => Attempt(path, () => Offer(UnfinishedFinder.Find(FilePath.Resolve(this, path), recurse: false))));
                break;
            case ByLiteralPath:
                Array.ForEach(LiteralPath, path => Attempt(path, () => Offer(UnfinishedFinder.Find(FilePath.Literal(this, path), recurse: false))));
                break;
            default:
                Offer(Transfer);
                break;
        }
    }

    private void Offer(IEnumerable<UnfinishedTransfer> transfers)
    {
        foreach (var transfer in transfers)
            if (ShouldProcess(transfer.ToString(), FromServer ? $"Remove, and delete download {transfer.DownloadId} on {Session.Uri}" : "Remove"))
                Attempt(transfer, () => Remove(transfer));
    }

    private void Remove(UnfinishedTransfer transfer)
    {
        // The sidecar, which goes first, tells whether the server's download is the same.
        var isThere = FromServer && Await((messages, cancel) => IsOnServerAsync(transfer, messages, cancel));
        transfer.Remove();
        if (isThere)
            Await((messages, cancel) => DeleteAsync(transfer, messages, cancel));
    }

    private async Task<bool> IsOnServerAsync(UnfinishedTransfer transfer, PipelineMessages messages, CancellationToken cancel)
    {
        try
        {
            if (transfer.IsOf(await Client.GetDownloadAsync(transfer.DownloadId, cancel).ConfigureAwait(false)))
                return true;
            messages.Warning($"Download {transfer.DownloadId} of {Session.Uri} is another one, and is left there.");
            return false;
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private async Task<bool> DeleteAsync(UnfinishedTransfer transfer, PipelineMessages messages, CancellationToken cancel)
    {
        try
        {
            await Client.DeleteDownloadAsync(transfer.DownloadId, cancel).ConfigureAwait(false);
        }
        catch (HaveApiException e)
        {
            messages.Warning($"Download {transfer.DownloadId} could not be deleted on the server, where it expires: {e.Message}");
        }
        return true;
    }
}
