using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <param name="Destroyed">Full names of snapshots, oldest first.</param>
/// <param name="Warnings">What was left alone, and why.</param>
internal sealed record RotationResult(IReadOnlyList<string> Destroyed, IReadOnlyList<string> Warnings);

/// <summary>Carries out a <see cref="RotationPlan"/>. What ZFS protects (a hold, a clone, a busy mount) is left with a warning.</summary>
internal sealed class RotationRunner(ZfsHost zfs)
{
    /// <param name="local">What is this backup's own, and nothing else (<see cref="OwnHistories"/>).</param>
    /// <exception cref="ZfsException">Any other failure; what was destroyed by then is gone.</exception>
    public async Task<RotationResult> RunAsync(LocalInventory local, RotationPlan plan, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var destroyed = new List<string>();
        var warnings = new List<string>();
        var spared = new HashSet<int>();
        foreach (var snapshot in plan.Snapshots)
        {
            var name = $"{HistoryDataset.Name(local.Filesystem, snapshot.HistoryId)}@{snapshot.Name}";
            progress?.Report(new BackupProgress($"Destroying {name}", Transfer: null));
            if (await TryDestroyAsync(name, warnings, cancel).ConfigureAwait(false))
                destroyed.Add(name);
            else
                spared.Add(snapshot.HistoryId);
        }

        foreach (var historyId in plan.EmptyHistoryIds.Where(id => !spared.Contains(id)))
        {
            var name = HistoryDataset.Name(local.Filesystem, historyId);
            if (local.Snapshots.All(s => s.HistoryId != historyId) && await zfs.GetLocalPropertyAsync(name, "readonly", cancel).ConfigureAwait(false) != "on")
            {
                warnings.Add($"'{name}' has no snapshots any more and is not read-only, so somebody may use it; it is left alone.");
                continue;
            }
            progress?.Report(new BackupProgress($"Destroying {name}", Transfer: null));
            await TryDestroyAsync(name, warnings, cancel).ConfigureAwait(false);
        }
        return new RotationResult(destroyed, warnings);
    }

    private async Task<bool> TryDestroyAsync(string name, List<string> warnings, CancellationToken cancel)
    {
        try
        {
            await zfs.DestroyAsync(name, cancel).ConfigureAwait(false);
            return true;
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.InUse or ZfsFailure.Busy)
        {
            warnings.Add($"'{name}' was not rotated away: {e.Message}");
            return false;
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.NotFound)
        {
            // Somebody else's rotation was faster.
            return true;
        }
    }
}
