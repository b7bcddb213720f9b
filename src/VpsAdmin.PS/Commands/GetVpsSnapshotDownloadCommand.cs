using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>Files that the server made, or is making, of snapshots.</summary>
[Cmdlet(VerbsCommon.Get, "VpsSnapshotDownload", DefaultParameterSetName = BySnapshot)]
[OutputType(typeof(SnapshotDownload))]
public sealed class GetVpsSnapshotDownloadCommand : ConnectedCmdlet
{
    private const string BySnapshot = "Snapshot";
    private const string ById = "Id";

    [Parameter(Position = 0, ParameterSetName = BySnapshot, ValueFromPipeline = true, HelpMessage = "Id of a snapshot, or an object of Get-VpsSnapshot; by default all.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? Snapshot { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ById, HelpMessage = "Ids of downloads.")]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(DownloadIdCompleter))]
    public long[] Id { get; set; } = null!;

    protected override void ProcessRecord()
    {
        if (ParameterSetName == BySnapshot)
            Attempt(Snapshot, () => WriteObject(Await(cancel => Client.GetDownloadsAsync(Snapshot, cancel)), enumerateCollection: true));
        foreach (var id in ParameterSetName == ById ? Id : [])
            Attempt(id, () => WriteObject(Await(cancel => Client.GetDownloadAsync(id, cancel)), enumerateCollection: false));
    }
}
