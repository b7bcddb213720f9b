using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Virtual servers of the account.</summary>
[Cmdlet(VerbsCommon.Get, "Vps")]
[OutputType(typeof(Vps))]
public sealed class GetVpsCommand : ConnectedCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateRange(1L, long.MaxValue)]
    public long[]? Id { get; set; }

    protected override void ProcessRecord()
    {
        if (Id is null)
            Attempt(Session, () => WriteObject(Await(Client.GetVpsesAsync), enumerateCollection: true));
        foreach (var id in Id ?? [])
            Attempt(id, () => WriteObject(Await(cancel => Client.GetVpsAsync(id, cancel)), enumerateCollection: false));
    }
}
