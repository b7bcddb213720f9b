using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>Backs up the root dataset of a virtual server, as <c>Backup-VpsDataset</c> does; datasets below it are not included.</summary>
[Cmdlet(VerbsData.Backup, "Vps", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupResult), typeof(BackupPlan))]
public sealed class BackupVpsCommand : BackupCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "Id, or object of Get-Vps.")]
    [IdTransformation(typeof(Vps))]
    public long Vps { get; set; }

    [Parameter(Mandatory = true, Position = 0, HelpMessage = "ZFS filesystem that is there and holds, or shall hold, the backup of this VPS.")]
    [ValidateDatasetName]
    public string Filesystem { get; set; } = null!;

    private long? _used;

    protected override void ProcessRecord()
    {
        if (_used is not null)
            Attempt(Vps, () => throw new VpsAdminException(Errors.InvalidCombination,
                $"'{Filesystem}' holds the backup of VPS {_used}; every VPS needs a filesystem of its own.", Vps));
        else
            BackUp(Vps, Filesystem, FindRootAsync);
        _used = Vps;
    }

    private async Task<long?> FindRootAsync(CancellationToken cancel)
    {
        var vps = await Client.GetVpsAsync(Vps, cancel).ConfigureAwait(false);
        return vps.Dataset?.Id ?? throw new VpsAdminException(Errors.VpsWithoutDataset, $"VPS {Vps} has no root dataset that this account may see.", vps);
    }
}
