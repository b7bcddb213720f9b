using VpsAdmin.Zfs;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// Takes back what a receive that failed may have committed, and nothing else: snapshots that were not there before and whose guids its stream
/// delivered. What somebody else made meanwhile stays; where both stand on each other, nothing is touched and the error says what to do.
/// </summary>
/// <param name="before">Oldest first; null: the dataset was not there.</param>
/// <param name="delivered">Guids.</param>
internal sealed class ReceiveUndo(ZfsHost host, string dataset, IReadOnlyList<ZfsSnapshot>? before, IReadOnlySet<ulong> delivered)
{
    private readonly HashSet<ulong> _known = before?.Select(static s => s.Guid).ToHashSet() ?? [];

    /// <summary>For people, when it did not work out.</summary>
    public string Remedy => before is [.., var newest]
        ? $"Snapshots of it after @{newest.Name.Name} are unverified: look at them with 'zfs list -t snapshot -d 1 {dataset}', then run 'zfs rollback -r {newest.Name}' before the next backup."
        : $"What it holds is unverified: look at it with 'zfs list -r -t all {dataset}', then run 'zfs destroy -r {dataset}' before the next backup.";

    /// <returns>Guids of the snapshots that were there and are gone now.</returns>
    /// <exception cref="ZfsException"/>
    /// <exception cref="TransferException">Something of somebody else stands in the way.</exception>
    public async Task<IEnumerable<ulong>> RunAsync(CancellationToken cancel)
    {
        if (await LookAsync(cancel).ConfigureAwait(false) is not var (ours, foreign))
            return [];
        if (foreign.Count > 0)
            return ours.Count > 0 ? throw Entangled(ours, foreign) : [];
        if (before is not null)
            await RollBackAsync(ours, cancel).ConfigureAwait(false);
        else
            await RemoveAsync(ours, cancel).ConfigureAwait(false);
        return ours.Select(static s => s.Guid);
    }

    /// <summary>
    /// For a receive that was refused: the stream's snapshots that are there all the same may be another run's, which received the same stream.
    /// </summary>
    /// <exception cref="TransferException">There are such; it says which.</exception>
    public async Task ExplainAsync(CancellationToken cancel)
    {
        if (await LookAsync(cancel).ConfigureAwait(false) is var (ours, _) && ours.Count > 0)
            throw new TransferException(TransferFailure.SinkFailed,
                $"{Names(ours)} of this stream {(ours.Count == 1 ? "is" : "are")} in '{dataset}', received meanwhile by another run or by this one; nothing was undone.");
    }

    /// <returns>What is there now and was not before; null when the dataset is not there.</returns>
    private async Task<(List<ZfsSnapshot> Ours, List<ZfsSnapshot> Foreign)?> LookAsync(CancellationToken cancel)
    {
        try
        {
            var now = await host.ListSnapshotsAsync(dataset, 0, cancel).ConfigureAwait(false);
            var added = now.Where(s => !_known.Contains(s.Guid)).ToLookup(s => delivered.Contains(s.Guid));
            return (added[true].ToList(), added[false].ToList());
        }
        catch (ZfsException e) when (e.Failure == ZfsFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Earlier snapshots of a multi-snapshot stream are committed one by one; none of them may stay.</summary>
    private async Task RollBackAsync(List<ZfsSnapshot> ours, CancellationToken cancel)
    {
        if (ours.Count == 0)
            return;
        await DestroyAsync(ours, cancel).ConfigureAwait(false);
        // Not -r: what somebody makes at this moment must not go with it.
        if (before is [.., var newest])
            await host.RollbackToNewestAsync(newest.Name, cancel).ConfigureAwait(false);
    }

    private async Task RemoveAsync(List<ZfsSnapshot> ours, CancellationToken cancel)
    {
        try
        {
            if ((await host.ListFilesystemsAsync(dataset, depth: 1, cancel).ConfigureAwait(false)).Count > 1)
                throw new TransferException(TransferFailure.SinkFailed, $"'{dataset}' has children that somebody made meanwhile, so it was not taken back. {Remedy}");
            await DestroyAsync(ours, cancel).ConfigureAwait(false);
            // Not -r, for the same reason.
            await host.DestroyAsync(dataset, cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure == ZfsFailure.NotFound)
        {
            // The receive itself has just taken it back.
        }
    }

    /// <summary>One by one from the newest on, if none of them is held.</summary>
    private async Task DestroyAsync(List<ZfsSnapshot> ours, CancellationToken cancel)
    {
        if (ours.Find(static s => s.Holds > 0) is { } held)
            throw new ZfsException(ZfsFailure.InUse, $"snapshot '{held.Name}' is held. 'zfs holds {held.Name}' lists the holds.", [], exitCode: null, standardError: "");
        foreach (var snapshot in Enumerable.Reverse(ours))
            await host.DestroyAsync(snapshot.Name.ToString(), cancel).ConfigureAwait(false);
    }

    private TransferException Entangled(List<ZfsSnapshot> ours, List<ZfsSnapshot> foreign)
    {
        var what = foreign.Count == 1 ? "is" : "are";
        return new TransferException(TransferFailure.SinkFailed,
            $"'{dataset}' was not put back as it was: {Names(foreign)} {what} not of this stream, and would be lost. {Names(ours)} of it {(ours.Count == 1 ? "is" : "are")} unverified. {Remedy}");
    }

    private static string Names(IEnumerable<ZfsSnapshot> snapshots) => string.Join(", ", snapshots.Select(static s => "@" + s.Name.Name));
}
