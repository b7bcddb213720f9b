using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>What virtual servers said on their consoles: why one does not start, or what it died of.</summary>
[Cmdlet(VerbsCommon.Get, "VpsConsoleLog")]
[OutputType(typeof(string))]
public sealed class GetVpsConsoleLogCommand : ConnectedCmdlet
{
    /// <summary>Bytes: as much as the server gives.</summary>
    private const int Longest = 256 << 10;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Ids, or objects of Get-Vps.")]
    [IdsTransformation(typeof(Vps))]
    public long[] Id { get; set; } = null!;

    [Parameter(HelpMessage = "Only so many of the last lines.")]
    [Alias("Last")]
    [ValidateRange(1, int.MaxValue)]
    public int? Tail { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
            Attempt(id, () => WriteObject(Await(cancel => Client.GetVpsConsoleLogAsync(id, Longest, cancel)).TakeLast(Tail ?? int.MaxValue), enumerateCollection: true));
    }
}
