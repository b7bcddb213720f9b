using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Node.Exports;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5004: exports a snapshot into the pool's download area. Delivered again it begins anew at the same path, as vpsAdmin's node does; only
/// the checksum of the finished file is ever reported.
/// </summary>
internal sealed class DownloadSnapshotHandler(ZfsHost zfs, INodeInbox inbox, TimeProvider time)
    : TransactionHandler<DownloadSnapshotInput>(TransactionType.DownloadSnapshot, NodeJson.Default.DownloadSnapshotInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, DownloadSnapshotInput input, CancellationToken cancel)
    {
        var export = ExportName.Parse(input.SecretKey, input.FileName);
        var name = PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot);
        CheckBase(input);

        var snapshot = await zfs.GetSnapshotAsync(name, cancel).ConfigureAwait(false);
        var file = export.In(await DownloadArea.PrepareAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false));
        if (await EstimateAsync(snapshot, input, cancel).ConfigureAwait(false) is { } bytes)
            await inbox.ReportAsync(new ExportProgressed(message.Id, input.DownloadId, bytes), cancel).ConfigureAwait(false);

        ISnapshotSource source = input.Format == Format.Archive
            ? await ArchiveSource.StartAsync(CloneFor(input), name, cancel).ConfigureAwait(false)
            : await StreamSource.StartAsync(zfs, snapshot, input.FromSnapshot, cancel).ConfigureAwait(false);
        DownloadSnapshotOutput output;
        await using (source.ConfigureAwait(false))
            output = await file.WriteAsync(source, cancel).ConfigureAwait(false);
        return JsonSerializer.SerializeToNode(output, NodeJson.Default.DownloadSnapshotOutput);
    }

    protected override async Task RollbackAsync(TransactionMessage message, DownloadSnapshotInput input, CancellationToken cancel)
    {
        var export = ExportName.Parse(input.SecretKey, input.FileName);
        if (input.Format == Format.Archive)
            await CloneFor(input).RemoveAsync(cancel).ConfigureAwait(false);
        if (await DownloadArea.FindAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false) is { } area)
            export.In(area).Remove();
    }

    private SnapshotClone CloneFor(DownloadSnapshotInput input) => new(zfs, input.Filesystem, input.DownloadId, time);

    private async Task<long?> EstimateAsync(ZfsSnapshot snapshot, DownloadSnapshotInput input, CancellationToken cancel) =>
        input.Format == Format.Archive
            ? snapshot.Referenced
            : await zfs.EstimateSendAsync(snapshot.Name, input.FromSnapshot, cancel).ConfigureAwait(false);

    private static void CheckBase(DownloadSnapshotInput input)
    {
        if (input.Format is not (Format.Archive or Format.Stream or Format.IncrementalStream))
            throw new TransactionException($"'{input.Format}' is not a format of a download.");
        if (input.Format == Format.IncrementalStream != (input.FromSnapshot is not null))
            throw new TransactionException("An incremental stream begins at a snapshot, and nothing else does.");
        if (input.FromSnapshot is { } from && !ZfsName.IsSnapshot(from))
            throw new TransactionException($"'{from}' is not a name of a ZFS snapshot.");
        if (input.DownloadId < 0)
            throw new TransactionException($"{input.DownloadId} is not the number of a download.");
    }

    /// <summary>As vpsAdmin spells them.</summary>
    private static class Format
    {
        public const string Archive = "archive";
        public const string Stream = "stream";
        public const string IncrementalStream = "incremental_stream";
    }
}
