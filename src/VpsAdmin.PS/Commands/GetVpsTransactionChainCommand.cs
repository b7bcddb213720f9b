using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>What the server does and has done in the background, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "VpsTransactionChain", DefaultParameterSetName = ByFilter)]
[OutputType(typeof(TransactionChain))]
public sealed class GetVpsTransactionChainCommand : ConnectedCmdlet
{
    private const string ByFilter = "Filter";
    private const string ById = "Id";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById, HelpMessage = "Ids of chains.")]
    [IdsTransformation(typeof(TransactionChain))]
    public long[] Id { get; set; } = null!;

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only of this name, such as download.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only in this state.")]
    [ValidateSet("staged", "queued", "done", "rollbacking", "failed", "fatal", "resolved")]
    public string? State { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only of this user: the id.")]
    [IdTransformation(typeof(User))]
    public long? User { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only about objects of this class, such as Snapshot.")]
    [ValidateNotNullOrEmpty]
    public string? ClassName { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only about the object with this id.")]
    [ValidateRange(1L, long.MaxValue)]
    public long? RowId { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "At most so many.")]
    [ValidateRange(1, int.MaxValue)]
    public int Limit { get; set; } = 25;

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByFilter)
            Attempt(Session, () => WriteObject(Await(cancel => Client.ListChainsAsync(new ChainFilter(Name, State, User, ClassName, RowId, Limit), cancel)), enumerateCollection: true));
        else
            foreach (var id in Id)
                Attempt(id, () => WriteObject(Await(cancel => Client.GetChainAsync(id, cancel)), enumerateCollection: false));
    }
}
