using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Rolls a dataset back to a snapshot on the server. What was written since is lost there, and so are the snapshots taken since.</summary>
[Cmdlet(VerbsData.Restore, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ById)]
[OutputType(typeof(Snapshot))]
public sealed class RestoreVpsSnapshotCommand : SnapshotCmdlet
{
    private const int MostNames = 5;

    private protected override void Process(Snapshot snapshot)
    {
        if (!snapshot.IsConfirmed)
            throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {snapshot.Id} is not finished on the server.", snapshot);
        var lost = Await(cancel => NewerAsync(snapshot, cancel));
        var words = $"Roll {Name(snapshot)} back on the server: what was written since is lost{Loss(lost)}";
        if (ShouldProcess(words, words + "?", "Roll back"))
            WriteObject(Await((messages, cancel) => RollBackAsync(snapshot, messages, cancel)), enumerateCollection: false);
    }

    private async Task<IReadOnlyList<Snapshot>> NewerAsync(Snapshot snapshot, CancellationToken cancel)
    {
        var all = await Client.GetSnapshotsAsync(snapshot.DatasetId, cancel).ConfigureAwait(false);
        return all.Any(s => s.Id == snapshot.Id)
            ? [.. all.SkipWhile(s => s.Id != snapshot.Id).Skip(1)]
            : throw new VpsAdminException(Errors.SnapshotNotFound, $"The server has no snapshot {snapshot.Id} of dataset {snapshot.DatasetId} any more.", snapshot);
    }

    private static string Loss(IReadOnlyList<Snapshot> lost)
    {
        if (lost.Count == 0)
            return "";
        var names = string.Join(", ", lost.TakeLast(MostNames).Select(static s => "@" + s.Name));
        return $", with {(lost.Count == 1 ? "1 newer snapshot" : $"{lost.Count} newer snapshots")}: {(lost.Count > MostNames ? "…, " : "")}{names}";
    }

    private async Task<Snapshot> RollBackAsync(Snapshot snapshot, PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.RollbackAsync(snapshot.DatasetId, snapshot.Id, cancel).ConfigureAwait(false);
        using (var progress = new ActionProgress(messages, Time, $"Rolling back to {Name(snapshot)}"))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        // Its history id may be another one now.
        return await Client.GetSnapshotAsync(snapshot.DatasetId, snapshot.Id, cancel).ConfigureAwait(false);
    }
}
