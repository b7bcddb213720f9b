using System.Globalization;
using VpsAdmin.Client;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Has the server make exports, and knows which of those that it has were made for this filesystem.</summary>
internal sealed class OwnExports(VpsAdminClient client, ZfsHost zfs, TimeProvider time, BackupRequest request, BackupMark mark)
{
    /// <summary>The download that the filesystem remembers a backup into it to have made.</summary>
    private long? _own;

    public bool IsOwn(SnapshotExport export) => export.Created || export.Id == _own;

    /// <summary>
    /// A run that was killed leaves its export on the server, and perhaps some of its snapshots here: then the next one has another base, and that
    /// export, the only one that the server keeps of the snapshot, is in its way. The filesystem remembers which it was.
    /// </summary>
    public async Task<SnapshotExport> OpenAsync(ExportRequest wanted, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var made = await zfs.GetLocalPropertyAsync(request.Filesystem, BackupRunner.DownloadIdProperty, cancel).ConfigureAwait(false);
        // A number of another server is another download there.
        _own = made?.Split('@', 2) is [var number, .. var server] && (server is [] || server[0] == mark.Server)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        var export = await SnapshotExport.OpenAsync(client, wanted with { ReplaceId = _own }, request.Transfer, time, progress, cancel).ConfigureAwait(false);
        if (export.Created)
            await RememberAsync(export, cancel).ConfigureAwait(false);
        return export;
    }

    private async Task RememberAsync(SnapshotExport export, CancellationToken cancel)
    {
        try
        {
            await zfs.SetPropertyAsync(request.Filesystem, BackupRunner.DownloadIdProperty, string.Create(CultureInfo.InvariantCulture, $"{export.Id}@{mark.Server}"), cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (e is ZfsException)
                return; // Only a run after one that is killed would miss it.
            await new ExportRemoval(client, time).AfterFailureAsync(export, e, isOfUse: false, cancel).ConfigureAwait(false);
            throw;
        }
    }
}
