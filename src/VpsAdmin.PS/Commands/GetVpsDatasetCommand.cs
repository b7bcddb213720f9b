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
        var datasets = Await(cancel => Client.GetDatasetsAsync(Vps, cancel));
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
