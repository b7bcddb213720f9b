using VpsAdmin.Client;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Transfer;

/// <summary>Takes an export off the server when it is done with, or is good for nothing. What cannot be removed is a warning, never a failure.</summary>
/// <param name="time">For the waits while the server has the export locked.</param>
public sealed class ExportRemoval(VpsAdminClient client, TimeProvider time)
{
    // vpsAdmin refuses to remove a file that it still makes (423), and one that stays expires there; our own server takes it back at once.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Somebody waits for the program to be gone, within a second.</summary>
    private static readonly TimeSpan LimitWhenStopping = TimeSpan.FromMilliseconds(700);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Removes it, unless it is somebody else's.</summary>
    /// <param name="stopping">When cancelled, only the shorter limit remains.</param>
    /// <returns>Null, or a warning to be shown: why it is still there.</returns>
    public async Task<string?> RunAsync(SnapshotExport export, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(export);
        return (await RemoveAsync(export, stopping).ConfigureAwait(false)).Warning;
    }

    /// <summary>
    /// After a transfer that failed: removes what this run had made, and any that is damaged, which later runs would only join again.
    /// </summary>
    /// <param name="isOfUse">A later run continues with it: something of it was kept here.</param>
    /// <returns>A warning to be shown, or null; and the error to end with, when more is to be said than <paramref name="failure"/> does.</returns>
    public async Task<(string? Warning, TransferException? Error)> AfterFailureAsync(
        SnapshotExport export, Exception failure, bool isOfUse, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(export);
        var damage = failure is TransferException { Failure: TransferFailure.ChecksumMismatch or TransferFailure.BadStream } found ? found : null;
        if (damage is null && (!export.Created || isOfUse))
            return (null, null);
        var (warning, isForeign) = await RemoveAsync(export, stopping).ConfigureAwait(false);
        if (damage is null || !isForeign)
            return (warning, null);
        var owner = export.Download.User!;
        return (null, new TransferException(damage.Failure,
            $"{damage.Message} Download {export.Id} belongs to user {owner.Label ?? "?"} (id {owner.Id}) and was left on the server: until it is deleted there, every run gets the same file.", damage));
    }

    private async Task<(string? Warning, bool IsForeign)> RemoveAsync(SnapshotExport export, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var hurry = stopping.Register(() => limit.CancelAfter(LimitWhenStopping));
        string? problem = null;
        try
        {
            // An administrator sees, and may have joined, the downloads of others: those are not ours to remove.
            if (!export.Created && export.Download.User is { } owner && owner.Id != (await client.GetCurrentUserAsync(limit.Token).ConfigureAwait(false)).Id)
                return (null, true);
            while (true)
            {
                (problem, var isLocked) = await export.TryDeleteAsync(limit.Token).ConfigureAwait(false);
                if (problem is null || !isLocked)
                    return (problem, false);
                await Task.Delay(Pause, time, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return (problem ?? $"The server did not confirm in time that download {export.Id} is deleted; it expires there.", false);
        }
        catch (HaveApiException e)
        {
            return ($"Download {export.Id} was left on the server, which does not tell whose it is: {e.Message}", false);
        }
    }
}
