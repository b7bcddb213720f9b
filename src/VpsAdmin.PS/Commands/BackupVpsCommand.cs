using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>Backs up the root dataset of a virtual server, as <c>Backup-VpsDataset</c> does; datasets below it are not included.</summary>
[Cmdlet(VerbsData.Backup, "Vps", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupResult), typeof(BackupPlan), typeof(string))]
public sealed class BackupVpsCommand : BackupCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Id, or object of Get-Vps.")]
    [IdTransformation(typeof(Vps))]
    public long Vps { get; set; }

    protected override void ProcessRecord()
    {
        var id = Vps;
        BackUp(id, $"VPS {id}", cancel => FindRootAsync(id, cancel));
    }

    private async Task<long?> FindRootAsync(long id, CancellationToken cancel)
    {
        var vps = await Client.GetVpsAsync(id, cancel).ConfigureAwait(false);
        return vps.Dataset?.Id ?? throw new VpsAdminException(Errors.VpsWithoutDataset, $"VPS {id} has no root dataset that this account may see.", vps);
    }
}
