using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>Backs up a dataset into a ZFS filesystem: the first time in full, then what is new.</summary>
[Cmdlet(VerbsData.Backup, "VpsDataset", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupResult), typeof(BackupPlan), typeof(string))]
public sealed class BackupVpsDatasetCommand : BackupCmdlet
{
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Id, full name, or object of Get-VpsDataset; by default what the filesystem remembers.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument? Dataset { get; set; }

    protected override void ProcessRecord()
    {
        var dataset = Dataset;
        BackUp(
            dataset ?? (object)Filesystem, dataset is null ? "the remembered dataset" : $"dataset {dataset}",
            async cancel => dataset is null ? null : await dataset.FindIdAsync(Client, cancel).ConfigureAwait(false));
    }
}
