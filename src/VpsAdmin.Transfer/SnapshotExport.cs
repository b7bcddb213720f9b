using System.Net;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer;

/// <param name="FromSnapshotId">Base of an incremental stream; null otherwise.</param>
/// <param name="ReplaceOther">Delete a download of another kind that is in the way; one of another user never.</param>
/// <param name="DownloadId">
/// This download and no other, as a part of it is here (BUG-25), unless it is of something else: ids are unique on one server only; null: any that fits, or a new one.
/// </param>
/// <param name="ReplaceId">Delete this download when it is in the way, whatever it is: the caller made it, and has no use for it any more.</param>
public sealed record ExportRequest(
    long SnapshotId, long? FromSnapshotId, ExportFormat Format, bool SendMail = false, bool ReplaceOther = false, long? DownloadId = null, long? ReplaceId = null);

/// <summary>A snapshot download on a vpsAdmin server, found or made.</summary>
public sealed class SnapshotExport : IExport
{
    private readonly VpsAdminClient _client;

    private SnapshotExport(VpsAdminClient client, SnapshotDownload download, bool created)
    {
        _client = client;
        Download = download;
        Created = created;
    }

    /// <summary>
    /// Joins an existing download of this snapshot, base and format, in progress or finished; otherwise makes one, waiting while the snapshot
    /// is locked or its former download is being removed.
    /// </summary>
    /// <exception cref="TransferException"><see cref="TransferFailure.FormatConflict"/> when a download of another format is in the way;
    /// <see cref="TransferFailure.ExportVanished"/> when the one that was named is gone; <see cref="TransferFailure.RetriesExhausted"/>.</exception>
    /// <exception cref="VpsAdmin.HaveApi.ActionFailedException">The server refuses for good.</exception>
    public static async Task<SnapshotExport> OpenAsync(
        VpsAdminClient client, ExportRequest request, TransferOptions options, TimeProvider time, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        var meter = new ProgressMeter(progress, time);
        var faults = new Faults(options, time, (fault, _) => meter.Enter(TransferPhase.Retrying, fault.Message));
        var wait = new AdaptiveWait(time);
        var started = time.GetTimestamp();
        var makings = new Makings();
        while (true)
        {
            // Looks before it makes: a Create whose answer was lost is found by the next try.
            var (export, obstacle) = await faults.ExecuteAsync(c => FindOrCreateAsync(client, request, makings, time, c), cancel).ConfigureAwait(false);
            if (export is not null)
                return export;
            if (time.GetElapsedTime(started) >= options.EffectiveRetryTimeout)
                throw new TransferException(TransferFailure.RetriesExhausted, $"Snapshot {request.SnapshotId} cannot be exported yet: {obstacle!.Message}", obstacle);
            meter.Enter(TransferPhase.Waiting, obstacle!.ServerMessage);
            await wait.PauseAsync(cancel).ConfigureAwait(false);
        }
    }

    public long Id => Download.Id;

    public bool IsEncrypted => _client.Api.BaseUri.Scheme == Uri.UriSchemeHttps;

    /// <summary>As it was when it was found or made.</summary>
    public SnapshotDownload Download { get; }

    /// <summary>True when this call made it; false when it was there.</summary>
    public bool Created { get; }

    public async Task<ExportState> ReadStateAsync(CancellationToken cancel)
    {
        try
        {
            var download = await _client.GetDownloadAsync(Id, cancel).ConfigureAwait(false);
            return new ExportState(download.Url, download.Ready, download.Sha256, download.SizeMiB);
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            throw new TransferException(TransferFailure.ExportVanished,
                $"The server has no download {Id} any more: making the file failed there, or somebody deleted it. Start again for a new one.", e);
        }
    }

    /// <summary>Waits until the server has made the file: without a limit, for it may be queued for hours.</summary>
    /// <exception cref="TransferException"><see cref="TransferFailure.ExportVanished"/> when making it failed there;
    /// <see cref="TransferFailure.RetriesExhausted"/>.</exception>
    public async Task<SnapshotDownload> WaitUntilReadyAsync(
        TransferOptions options, TimeProvider time, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var meter = new ProgressMeter(progress, time);
        var faults = new Faults(options, time, (fault, _) => meter.Enter(TransferPhase.Retrying, fault.Message));
        var wait = new AdaptiveWait(time);
        while (true)
        {
            var state = await faults.ExecuteAsync(c => RetriedExport.ReadOnceAsync(this, c), cancel).ConfigureAwait(false);
            if (state.Ready)
                return Download with { Url = state.Url, Ready = true, Sha256 = state.Sha256, SizeMiB = state.SizeMiB };
            meter.Expect(state.SizeMiB, null);
            meter.Enter(TransferPhase.Waiting);
            await wait.PauseAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the download on the server. Does not wait for the file to be gone.</summary>
    /// <returns>Null, or why it could not be deleted: a warning, never a failure.</returns>
    public async Task<string?> DeleteAsync(CancellationToken cancel) => (await TryDeleteAsync(cancel).ConfigureAwait(false)).Problem;

    internal async Task<(string? Problem, bool IsLocked)> TryDeleteAsync(CancellationToken cancel)
    {
        try
        {
            await _client.DeleteDownloadAsync(Id, cancel).ConfigureAwait(false);
            return (null, false);
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            return (null, false);
        }
        catch (HaveApiException e)
        {
            var expiration = Download.ExpirationDate is { } date ? $" It expires on {date:yyyy-MM-dd HH:mm} UTC." : "";
            return ($"Download {Id} could not be deleted from the server: {e.Message}{expiration}", e is ActionFailedException { IsLocked: true });
        }
    }

    /// <returns>The export; or what stands in its way and will pass.</returns>
    private static async Task<(SnapshotExport? Export, ActionFailedException? Obstacle)> FindOrCreateAsync(
        VpsAdminClient client, ExportRequest request, Makings makings, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            if (request.DownloadId is { } id && await FindAsync(client, id, request, cancel).ConfigureAwait(false) is { } known)
                return (known, null);
            // One that has expired before it was made was given back: it is removed as soon as it is made, and is no more than in the way.
            var now = time.GetUtcNow();
            var found = (await client.GetDownloadsAsync(request.SnapshotId, cancel).ConfigureAwait(false))
                .Where(d => d.Ready || d.ExpirationDate is not { } expiration || expiration > now).ToList();
            if (Choose(found, request) is { } usable)
                return (new SnapshotExport(client, usable, created: makings.Made(usable)), null);
            makings.Begin(found);
            var made = await CreateAsync(client, request, found, cancel).ConfigureAwait(false);
            makings.End();
            return made;
        }
        catch (HaveApiException e) when (e is ApiUnreachableException or ActionFailedException { HttpStatus: (HttpStatusCode)408 or (HttpStatusCode)425 or (HttpStatusCode)429 or >= (HttpStatusCode)500 })
        {
            throw Faults.FromApi(e, $"exporting snapshot {request.SnapshotId}");
        }
    }

    /// <returns>Null: it is of something else.</returns>
    private static async Task<SnapshotExport?> FindAsync(VpsAdminClient client, long id, ExportRequest request, CancellationToken cancel)
    {
        try
        {
            var found = await client.GetDownloadAsync(id, cancel).ConfigureAwait(false);
            return IsOf(found, request) ? new SnapshotExport(client, found, created: false) : null;
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            throw new TransferException(TransferFailure.ExportVanished,
                $"The server has no download {id} any more, so that what is here of it cannot be continued. It is kept: overwrite it explicitly to begin again, or remove it.", e);
        }
    }

    /// <summary>
    /// A download outlives its snapshot and its base, and does not name them any more then; what is here of it can still be finished. Whether it is that very one is for
    /// the sink to see, which knows its address.
    /// </summary>
    private static bool IsOf(SnapshotDownload found, ExportRequest request) =>
        found.Format == request.Format
        && (found.Snapshot is null || found.Snapshot.Id == request.SnapshotId)
        && (found.FromSnapshot is null || found.FromSnapshot.Id == request.FromSnapshotId);

    private static async Task<(SnapshotExport?, ActionFailedException?)> CreateAsync(
        VpsAdminClient client, ExportRequest request, List<SnapshotDownload> others, CancellationToken cancel)
    {
        try
        {
            var made = await client.CreateDownloadAsync(request.SnapshotId, request.FromSnapshotId, request.Format, request.SendMail, cancel).ConfigureAwait(false);
            return (new SnapshotExport(client, made.Value, created: true), null);
        }
        catch (ActionFailedException e) when (e.IsLocked || IsTaken(e))
        {
            if (others.Count > 0)
                await ReplaceAsync(client, request, others.FirstOrDefault(static d => d.Ready) ?? others[0], e, cancel).ConfigureAwait(false);
            return (null, e);
        }
    }

    /// <summary>Begins to delete what is in the way (BUG-15). It is gone when it can be made anew; until then that goes on being refused.</summary>
    private static async Task ReplaceAsync(VpsAdminClient client, ExportRequest request, SnapshotDownload other, ActionFailedException refusal, CancellationToken cancel)
    {
        if (!request.ReplaceOther && other.Id != request.ReplaceId)
            throw Conflict(request, other, "Use that one, or replace it explicitly.", refusal);
        if (other.User is { } owner && owner.Id != (await client.GetCurrentUserAsync(cancel).ConfigureAwait(false)).Id)
            throw Conflict(request, other, $"It belongs to user {owner.Label ?? "?"} (id {owner.Id}) and is not replaced.", refusal);
        if (await FaultAsync(client, request, cancel).ConfigureAwait(false) is { } fault)
            throw Conflict(request, other, $"It stays, for what would replace it cannot be made: {fault}", refusal);
        var (problem, isLocked) = await new SnapshotExport(client, other, created: false).TryDeleteAsync(cancel).ConfigureAwait(false);
        if (problem is not null && !isLocked)
            throw Conflict(request, other, problem, refusal);
    }

    /// <summary>The server looks at the base only when nothing is in the way: what it would refuse then must not cost the download that is there.</summary>
    /// <returns>Null: the base will do.</returns>
    private static async Task<string?> FaultAsync(VpsAdminClient client, ExportRequest request, CancellationToken cancel)
    {
        if (request.FromSnapshotId is not { } fromId)
            return null;
        var snapshot = await client.FindSnapshotAsync(request.SnapshotId, cancel).ConfigureAwait(false);
        var siblings = snapshot is null ? [] : await client.GetSnapshotsAsync(snapshot.DatasetId, cancel).ConfigureAwait(false);
        if (snapshot is null || siblings.FirstOrDefault(s => s.Id == fromId) is not { } from)
            return $"snapshot {fromId} is not of the same dataset.";
        if (from.HistoryId != snapshot.HistoryId)
            return $"snapshots {fromId} and {snapshot.Id} are of different histories ({from.HistoryId} and {snapshot.HistoryId}).";
        return from.CreatedAt > snapshot.CreatedAt ? $"snapshot {fromId} is newer than snapshot {snapshot.Id}." : null;
    }

    /// <summary>All rows are looked at, not only the first of the same base (BUG-15); a finished one is better than one in progress.</summary>
    internal static SnapshotDownload? Choose(IReadOnlyList<SnapshotDownload> found, ExportRequest request) => found
        .Where(d => d.Format == request.Format && d.FromSnapshot?.Id == request.FromSnapshotId)
        .OrderByDescending(static d => d.Ready)
        .ThenByDescending(static d => d.Id)
        .FirstOrDefault();

    /// <summary>Rule 2 of spec 1.5: one download for each snapshot; also while the former one's file is being removed.</summary>
    private static bool IsTaken(ActionFailedException error) =>
        error.ServerMessage?.Contains("already been made available", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>What was there before a Create whose answer was lost: what is found afterwards, and was not there, is ours to remove.</summary>
    private sealed class Makings
    {
        private HashSet<long>? _before;

        public void Begin(IEnumerable<SnapshotDownload> found) => _before = [.. found.Select(static d => d.Id)];

        /// <summary>The server has answered: nothing was made that we do not know of.</summary>
        public void End() => _before = null;

        public bool Made(SnapshotDownload download) => _before?.Contains(download.Id) == false;
    }

    private static TransferException Conflict(ExportRequest request, SnapshotDownload other, string remedy, Exception inner)
    {
        var what = other.FromSnapshot is { } from ? $"{other.Format} from snapshot {from.Id}" : other.Format.ToString();
        return new TransferException(TransferFailure.FormatConflict,
            $"Snapshot {request.SnapshotId} cannot be exported as {request.Format}: download {other.Id} ({what}) is in the way, and the server keeps one for each snapshot. {remedy}", inner);
    }
}
