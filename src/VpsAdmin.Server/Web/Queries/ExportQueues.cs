using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>The step that makes an export.</summary>
/// <param name="State">Of its chain.</param>
/// <param name="Queue">Where its node has it wait.</param>
/// <param name="Ahead">How many pieces of work were handed to the same queue before and have not ended.</param>
/// <param name="Failure">Of this step, or of one that it waited for; null: nothing failed.</param>
public sealed record ExportStep(long ChainId, ChainState State, string Node, string Queue, int Ahead, bool IsHandedOut, StepFailure? Failure)
{
    public bool IsRunning => IsHandedOut && Ahead == 0;

    /// <summary>Or was called off. A chain that is done has a file, which may not have been there yet when it was looked for.</summary>
    public bool HasFailed => State is not (ChainState.Staged or ChainState.Queued or ChainState.Done);
}

/// <summary>How far an export is.</summary>
/// <param name="Step">Null: it is older than chains are kept.</param>
/// <param name="Bytes">Length of the file so far; null: there is no file yet, or it grows on another node.</param>
/// <param name="IsElsewhere">It grows on another node.</param>
/// <param name="HasBegun">There is something to download: bytes here, or another node that has told how much it will be.</param>
public sealed record ExportWork(ExportStep? Step, long? Bytes, bool IsElsewhere, bool HasBegun);

/// <summary>Looks where an export waits and what of its file is there.</summary>
internal sealed class ExportQueues(IServiceScopeFactory scopes, Installation installation)
{
    /// <remarks>A download that could not be made is gone with its chain's end; what became of it is known from the chain.</remarks>
    /// <exception cref="ActionRefusedException">There is neither.</exception>
    public async Task<ExportWork> ReadAsync(Caller caller, long downloadId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var download = await db.SnapshotDownloads.VisibleTo(caller).AsNoTracking().SingleOrDefaultAsync(d => d.Id == downloadId, cancel).ConfigureAwait(false);
        var work = await db.Transactions.AsNoTracking().Include(static t => t.Chain).Include(static t => t.Node)
            .Where(t => t.SubjectId == downloadId && t.Type == TransactionType.DownloadSnapshot && (caller.IsAdmin || t.Chain.UserId == caller.UserId))
            .OrderByDescending(static t => t.Id).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        var step = work is null ? null : await StepAsync(db, caller, work, cancel).ConfigureAwait(false);
        if (download is null)
            return step is { HasFailed: true } ? new(step, null, false, false) : throw ActionRefusedException.NotFound();
        var (bytes, isElsewhere) = (Length(download), installation.DownloadFolderOf(download.PoolId) is null);
        return new(step, bytes, isElsewhere, bytes > 0 || (isElsewhere && work?.State is StepState.Running && download.Size > 0));
    }

    private static async Task<ExportStep> StepAsync(VpsAdminDb db, Caller caller, Transaction work, CancellationToken cancel)
    {
        var ahead = await db.Transactions.CountAsync(
            t => t.NodeId == work.NodeId && t.Queue == work.Queue && t.State == StepState.Running && t.Id != work.Id
                && (work.State == StepState.Waiting || t.Id < work.Id), cancel).ConfigureAwait(false);
        var error = work.Error ?? await db.Transactions.Where(t => t.ChainId == work.ChainId && t.Error != null).OrderBy(static t => t.Position).Select(static t => t.Error)
            .FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        return new(work.ChainId, work.Chain.State, work.Node.DomainName, work.Queue, ahead, work.State is not StepState.Waiting, StepFailure.Of(error, caller));
    }

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
