using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Mail;

namespace VpsAdmin.Server.Downloads;

/// <param name="FromSnapshotId">Base; with <see cref="DownloadFormat.IncrementalStream"/> only.</param>
/// <param name="SendMail">Tell the user when it is ready, or could not be made.</param>
public sealed record DownloadRequest(long SnapshotId, long? FromSnapshotId, DownloadFormat Format, bool SendMail = false);

/// <summary>Has a node make a file from a snapshot (spec 1.5, 2.4).</summary>
public sealed class DownloadCreation(VpsAdminDb db, ChainStarter chains, DownloadSource sources, DownloadMail mail, TimeProvider time)
{
    /// <param name="snapshots">Those that the user may export.</param>
    /// <exception cref="ActionRefusedException">It cannot be; checked in vpsAdmin's order, with its words.</exception>
    public async Task<StartedChain<SnapshotDownload>> StartAsync(
        IQueryable<Snapshot> snapshots, DownloadRequest request, long userId, CancellationToken cancel)
    {
        var title = request.Format is DownloadFormat.IncrementalStream ? new ChainTitle("incremental_download", "Download") : new("full_download", "Download");
        // A snapshot never goes to another dataset.
        var datasetId = await snapshots.Where(s => s.Id == request.SnapshotId).Select(static s => (long?)s.DatasetId).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        return await chains.StartAsync(title, userId, datasetId, async chain =>
        {
            var (snapshot, from) = await CheckAsync(Loaded(snapshots), request, cancel).ConfigureAwait(false);
            chain.Concern<Snapshot>(snapshot.Id);
            var source = await sources.ChooseAsync(chain, snapshot, from, cancel).ConfigureAwait(false);

            // One export of a snapshot at a time, whatever its copies (BUG-31), and nobody touches the copies that it reads.
            await chain.LockAsync<Snapshot>(snapshot.Id, cancel).ConfigureAwait(false);
            foreach (var copy in source.Copies)
                await chain.LockAsync<SnapshotInPool>(copy.Id, cancel).ConfigureAwait(false);
            await chain.LockAsync<DatasetInPool>(source.InPool.Id, cancel).ConfigureAwait(false);
            var download = await AppendAsync(chain, snapshot, from, source, userId, request.Format, cancel).ConfigureAwait(false);
            if (request.SendMail)
                mail.AppendReady(chain, download);
            return download;
        }, cancel).ConfigureAwait(false);
    }

    private static IQueryable<Snapshot> Loaded(IQueryable<Snapshot> snapshots) => snapshots.Include(static s => s.Dataset)
        .Include(static s => s.InPools).ThenInclude(static c => c.DatasetInPool).ThenInclude(static i => i.Pool).ThenInclude(static p => p.Node);

    private static async Task<(Snapshot Snapshot, Snapshot? From)> CheckAsync(IQueryable<Snapshot> snapshots, DownloadRequest request, CancellationToken cancel)
    {
        var snapshot = await snapshots.SingleOrDefaultAsync(s => s.Id == request.SnapshotId, cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.NotFound();
        if (snapshot.SnapshotDownloadId is not null)
            throw ActionRefusedException.Refused("this snapshot has already been made available for download");
        if (request.Format is DownloadFormat.IncrementalStream && request.FromSnapshotId is null)
            throw ActionRefusedException.Refused("from_snapshot is required");

        Snapshot? from = null;
        if (request.FromSnapshotId is { } fromId)
        {
            // Nobody gets at another's snapshot through an increment (BUG-14).
            from = await snapshots.SingleOrDefaultAsync(s => s.Id == fromId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            if (from.DatasetId != snapshot.DatasetId)
                throw ActionRefusedException.Refused("from_snapshot must belong to the same dataset");
            if (request.Format is not DownloadFormat.IncrementalStream)
                throw ActionRefusedException.Refused("from_snapshot is for incremental_stream format only");
            if (from.HistoryId != snapshot.HistoryId)
                throw ActionRefusedException.Refused("snapshot and snapshot2 must share the same history identifier");
            if (from.Id == snapshot.Id || from.CreatedAt > snapshot.CreatedAt)
                throw ActionRefusedException.Refused("from_snapshot must precede snapshot");
        }
        return (snapshot, from);
    }

    private async Task<SnapshotDownload> AppendAsync(
        ChainBuilder chain, Snapshot snapshot, Snapshot? from, ChosenSource source, long userId, DownloadFormat format, CancellationToken cancel)
    {
        var pool = source.InPool.Pool;
        var download = new SnapshotDownload
        {
            User = await db.Users.SingleAsync(u => u.Id == userId, cancel).ConfigureAwait(false),
            Snapshot = snapshot,
            FromSnapshot = from,
            Pool = pool,
            Format = format,
            SecretKey = DownloadFile.NewSecret(),
            FileName = DownloadFile.Name(snapshot.Dataset.FullName, format, snapshot.Name, from?.Name),
            ExpirationDate = time.GetUtcNow() + ExpiredDownloads.Lifetime,
        };
        db.SnapshotDownloads.Add(download);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await chain.LockAsync<SnapshotDownload>(download.Id, cancel).ConfigureAwait(false);

        var input = new DownloadSnapshotInput(
            pool.Filesystem, source.Dataset, snapshot.Name, from?.Name, FormatName(format), download.SecretKey, download.FileName, download.Id);
        chain.Append(pool.NodeId, TransactionType.DownloadSnapshot, JsonSerializer.SerializeToNode(input, NodeJson.Default.DownloadSnapshotInput)!,
                queue: format is DownloadFormat.Archive ? null : "zfs_send", subjectId: download.Id)
            .Create(download)
            .EditAfter<Snapshot>(snapshot.Id, (nameof(Snapshot.SnapshotDownloadId), download.Id));
        return download;
    }

    private static string FormatName(DownloadFormat format) => format switch
    {
        DownloadFormat.Archive => "archive",
        DownloadFormat.Stream => "stream",
        DownloadFormat.IncrementalStream => "incremental_stream",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
