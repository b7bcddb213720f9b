using System.Text.Json.Nodes;
using VpsAdmin.Node.Exports;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5005: removes an export. One that is gone already is removed (BUG-33: vpsAdmin brought its dead link back).</summary>
internal sealed class RemoveDownloadHandler(ZfsHost zfs)
    : TransactionHandler<RemoveDownloadInput>(TransactionType.RemoveDownload, NodeJson.Default.RemoveDownloadInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, RemoveDownloadInput input, CancellationToken cancel)
    {
        if (await FindAsync(input, cancel).ConfigureAwait(false) is { } export)
            export.Remove();
        else
            await Irreversible.RequirePoolAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, RemoveDownloadInput input, CancellationToken cancel)
    {
        if (await FindAsync(input, cancel).ConfigureAwait(false) is not { Exists: true })
            throw new TransactionException($"The download {input.FileName} is removed and cannot be brought back.");
    }

    private async Task<ExportFile?> FindAsync(RemoveDownloadInput input, CancellationToken cancel)
    {
        var export = ExportName.Parse(input.SecretKey, input.FileName);
        return await DownloadArea.FindAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false) is { } area ? export.In(area) : null;
    }
}
