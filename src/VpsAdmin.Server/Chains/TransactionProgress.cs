using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>What nodes tell of work that is under way. What arrives behind its end must not overwrite what the end told.</summary>
internal static class TransactionProgress
{
    public static Task<int> SaveAsync(VpsAdminDb db, ExportProgressed progressed, CancellationToken cancel)
    {
        var download = db.Transactions
            .Where(t => t.Id == progressed.TransactionId && t.SubjectId == progressed.DownloadId && t.State == StepState.Running)
            .Select(static t => t.SubjectId);
        return db.SnapshotDownloads.Where(d => download.Contains(d.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(static d => d.Size, Mebibytes.Floor(progressed.ApproximateBytes)), cancel);
    }

    public static Task<int> SaveAsync(VpsAdminDb db, TransferProgressed progressed, CancellationToken cancel) =>
        db.Transactions.Where(t => t.Id == progressed.TransactionId && t.State == StepState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(static t => t.SentBytes, progressed.Bytes), cancel);
}
