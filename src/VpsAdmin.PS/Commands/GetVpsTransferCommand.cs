using System.Management.Automation;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Commands;

/// <summary>Downloads that were interrupted, as the <c>.part.json</c> files beside them tell. No server is asked.</summary>
[Cmdlet(VerbsCommon.Get, "VpsTransfer", DefaultParameterSetName = ByPath)]
[OutputType(typeof(UnfinishedTransfer))]
public sealed class GetVpsTransferCommand : VpsCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    [Parameter(Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, HelpMessage = "Folders, or files that a download would become; by default the current folder.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true, HelpMessage = "As -Path, every character taken as it is.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = null!;

    [Parameter(HelpMessage = "Look into folders below as well.")]
    public SwitchParameter Recurse { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in ParameterSetName == ByPath ? Path ?? ["."] : LiteralPath)
            Attempt(path, () => WriteObject(Find(ParameterSetName == ByPath ? FilePath.Resolve(this, path) : FilePath.Literal(this, path)), enumerateCollection: true));
    }

    private IEnumerable<UnfinishedTransfer> Find(string path) => UnfinishedFinder.Find(path, Recurse).TakeWhile(_ => !StopToken.IsCancellationRequested);
}
