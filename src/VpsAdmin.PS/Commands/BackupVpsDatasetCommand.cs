using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>Backs up a dataset into a ZFS filesystem of this machine: the first time in full, then what is new.</summary>
[Cmdlet(VerbsData.Backup, "VpsDataset", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupResult), typeof(BackupPlan))]
public sealed class BackupVpsDatasetCommand : BackupCmdlet
{
    [Parameter(ValueFromPipeline = true, HelpMessage = "Id, full name, or object of Get-VpsDataset; by default what the filesystem remembers.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument? Dataset { get; set; }

    [Parameter(Mandatory = true, Position = 0, HelpMessage = "ZFS filesystem that is there and holds, or shall hold, the backup of this dataset.")]
    [ValidateDatasetName]
    public string Filesystem { get; set; } = null!;

    private string? _used;

    protected override void ProcessRecord()
    {
        if (_used is not null)
            Attempt(Dataset, () => throw new VpsAdminException(Errors.InvalidCombination,
                $"'{Filesystem}' holds the backup of {_used}; every dataset needs a filesystem of its own.", Dataset));
        else
            BackUp(Dataset ?? (object)Filesystem, Filesystem, FindAsync);
        _used = Dataset?.ToString() ?? Filesystem;
    }

    private async Task<long?> FindAsync(CancellationToken cancel) =>
        Dataset is null ? null : await Dataset.FindIdAsync(Client, cancel).ConfigureAwait(false);
}
