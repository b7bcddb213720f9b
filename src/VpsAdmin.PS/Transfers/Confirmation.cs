using VpsAdmin.Client;

namespace VpsAdmin.PS.Transfers;

/// <summary>Waits until a snapshot has its final name. Servers without action states (before 2017) tell only by the name (BUG-9).</summary>
internal static class Confirmation
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <exception cref="VpsAdmin.HaveApi.ActionFailedException">Not found: the server could not take it.</exception>
    public static async Task<Snapshot> WaitAsync(VpsAdminClient client, Snapshot snapshot, TimeProvider time, CancellationToken cancel)
    {
        for (var pause = FirstPause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            var current = await client.GetSnapshotAsync(snapshot.DatasetId, snapshot.Id, cancel).ConfigureAwait(false);
            if (current.IsConfirmed)
                return current;
            await Task.Delay(pause, time, cancel).ConfigureAwait(false);
        }
    }
}
