using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>How far an export is.</summary>
/// <param name="ChainId">The chain that makes it; null: it is older than chains are kept.</param>
/// <param name="State">Of that chain.</param>
/// <param name="Queue">Where its node has it wait.</param>
/// <param name="Ahead">How many pieces of work were handed to the same queue before and have not ended.</param>
/// <param name="Bytes">Length of the file so far; null: there is no file yet, or it grows on another node.</param>
/// <param name="HasBegun">There is something to download: bytes here, or another node that has told how much it will be.</param>
/// <param name="Error">What the node said; null: nothing failed, or it is not for this person.</param>
public sealed record ExportWork(long? ChainId, ChainState? State, string? Node, string? Queue, int Ahead, bool IsHandedOut, long? Bytes, bool HasBegun, string? Error);

/// <summary>Looks where an export waits and what of its file is there.</summary>
internal sealed class ExportQueues(IServiceScopeFactory scopes, Installation installation)
{
    public async Task<ExportWork> ReadAsync(Caller caller, long downloadId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var download = await db.SnapshotDownloads.VisibleTo(caller).AsNoTracking().SingleOrDefaultAsync(d => d.Id == downloadId, cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.NotFound();
        var bytes = Length(download);
        var work = await db.Transactions.AsNoTracking().Include(static t => t.Chain).Include(static t => t.Node)
            .Where(t => t.SubjectId == downloadId && t.Type == TransactionType.DownloadSnapshot).OrderByDescending(static t => t.Id).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (work is null)
            return new(null, null, null, null, 0, false, bytes, bytes > 0, null);
        var ahead = await db.Transactions.CountAsync(
            t => t.NodeId == work.NodeId && t.Queue == work.Queue && t.State == StepState.Running && t.Id != work.Id
                && (work.State == StepState.Waiting || t.Id < work.Id), cancel).ConfigureAwait(false);
        return new(work.ChainId, work.Chain.State, work.Node.DomainName, work.Queue, ahead, work.State is not StepState.Waiting, bytes, HasBegun(download, work, bytes), caller.IsAdmin ? work.Error : null);
    }

    private bool HasBegun(SnapshotDownload download, Transaction work, long? bytes) =>
        bytes > 0 || (installation.DownloadFolderOf(download.PoolId) is null && work.State is StepState.Running && download.Size > 0);

    private long? Length(SnapshotDownload download)
    {
        if (installation.DownloadFolderOf(download.PoolId) is not { } folder)
            return null;
        var file = new FileInfo(Path.Combine(folder, download.SecretKey, download.FileName));
        try
        {
            return file.Exists ? file.Length : null;
        }
        catch (FileNotFoundException)
        {
            return null; // Removed in this moment.
        }
    }
}
