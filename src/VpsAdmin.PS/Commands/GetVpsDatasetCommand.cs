using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>Datasets of the account, or of one virtual server.</summary>
[Cmdlet(VerbsCommon.Get, "VpsDataset", DefaultParameterSetName = ByName)]
[OutputType(typeof(Dataset))]
public sealed class GetVpsDatasetCommand : ConnectedCmdlet
{
    private const string ByName = "Name";
    private const string ById = "Id";

    [Parameter(Position = 0, ParameterSetName = ByName, HelpMessage = "Full names; wildcards are understood.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public string[]? Name { get; set; }

    [Parameter(ParameterSetName = ByName, ValueFromPipeline = true, HelpMessage = "Only the root dataset of this VPS and what is below it.")]
    [IdTransformation(typeof(Vps))]
    public long? Vps { get; set; }

    [Parameter(ParameterSetName = ByName, HelpMessage = "Only this dataset and what is below it: id, full name, or object of Get-VpsDataset.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument? Root { get; set; }

    [Parameter(ParameterSetName = ByName, HelpMessage = "Only those of this user: the id.")]
    [IdTransformation(typeof(User))]
    public long? User { get; set; }

    [Parameter(ParameterSetName = ByName, HelpMessage = "Only those on pools of this role; by default on hypervisor and primary ones.")]
    [ValidateSet("hypervisor", "primary", "backup")]
    public string? Role { get; set; }

    [Parameter(ParameterSetName = ByName, HelpMessage = "Only so many levels.")]
    [ValidateRange(0, int.MaxValue)]
    public int? ToDepth { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [ValidateRange(1L, long.MaxValue)]
    public long[] Id { get; set; } = null!;

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByName)
            Attempt(Vps ?? (object)Session, WriteMatching);
        else
            foreach (var id in Id)
                Attempt(id, () => WriteObject(Await(cancel => Client.GetDatasetAsync(id, cancel)), enumerateCollection: false));
    }

    private void WriteMatching()
    {
        if (Vps is not null && Root is not null)
            throw new VpsAdminException(Errors.InvalidCombination, "-Vps and -Root each name a tree: use one of them.", Root);
        var root = Root is null ? (long?)null : Await(cancel => Root.FindIdAsync(Client, cancel));
        var datasets = Await(cancel => Client.ListDatasetsAsync(new DatasetFilter(User, Vps, root, Role, ToDepth), cancel));
        if (Name is null)
        {
            WriteObject(datasets, enumerateCollection: true);
            return;
        }

        foreach (var name in Name)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var matches = datasets.Where(d => pattern.IsMatch(d.Name)).ToList();
            WriteObject(matches, enumerateCollection: true);
            // A pattern may match nothing; a name that is not there is an error, as everywhere.
            if (matches.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.DatasetNotFound, $"There is no dataset named '{name}'.", name));
        }
    }
}
