using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>Virtual servers of the account.</summary>
[Cmdlet(VerbsCommon.Get, "Vps", DefaultParameterSetName = ByFilter)]
[OutputType(typeof(Vps))]
public sealed class GetVpsCommand : ConnectedCmdlet
{
    private const string ByFilter = "Filter";
    private const string ById = "Id";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [ValidateRange(1L, long.MaxValue)]
    public long[] Id { get; set; } = null!;

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Host names; wildcards are understood.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Hostname { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only those on this node: its id.")]
    [IdTransformation(typeof(Node))]
    public long? Node { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only those of this user: the id.")]
    [IdTransformation(typeof(User))]
    public long? User { get; set; }

    [Parameter(ParameterSetName = ByFilter, HelpMessage = "Only those in this state, such as active or suspended.")]
    [ValidateNotNullOrEmpty]
    public string? ObjectState { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByFilter)
            Attempt(Session, WriteMatching);
        else
            foreach (var id in Id)
                Attempt(id, () => WriteObject(Await(cancel => Client.GetVpsAsync(id, cancel)), enumerateCollection: false));
    }

    private void WriteMatching()
    {
        var vpses = Await(cancel => Client.ListVpsesAsync(new VpsFilter(User, Node, ObjectState), cancel));
        var patterns = Hostname?.Select(static h => new WildcardPattern(h, WildcardOptions.IgnoreCase)).ToList();
        WriteObject(vpses.Where(v => patterns is null || patterns.Exists(p => p.IsMatch(v.Hostname ?? ""))), enumerateCollection: true);
    }
}
