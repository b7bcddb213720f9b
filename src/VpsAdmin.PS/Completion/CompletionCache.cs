using System.Runtime.CompilerServices;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Completion;

/// <summary>
/// What was last read from a connection's server for completion. A prompt never waits longer than a moment: what comes too late is there
/// for the next Tab.
/// </summary>
internal sealed class CompletionCache<T>(Func<VpsAdminConnection, CancellationToken, Task<IReadOnlyList<T>>> read)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly ConditionalWeakTable<VpsAdminConnection, Entry> _entries = [];

    /// <returns>Empty when nothing is known yet.</returns>
    public IReadOnlyList<T> Get(VpsAdminConnection connection, TimeProvider time)
    {
        var entry = _entries.TryGetValue(connection, out var known) && time.GetElapsedTime(known.Started) < Lifetime && !known.Reading.IsFaulted
            ? known
            : Start(connection, time);
        if (entry.Reading.IsCompleted || Task.WhenAny(entry.Reading, Task.Delay(Patience, time)).GetAwaiter().GetResult() == entry.Reading)
            return entry.Reading.IsCompletedSuccessfully ? entry.Reading.Result : [];
        return [];
    }

    private Entry Start(VpsAdminConnection connection, TimeProvider time)
    {
        var entry = new Entry(time.GetTimestamp(), Task.Run(() => ReadAsync(connection)));
        _entries.AddOrUpdate(connection, entry);
        return entry;
    }

    private async Task<IReadOnlyList<T>> ReadAsync(VpsAdminConnection connection)
    {
        using var limit = new CancellationTokenSource(ReadLimit);
        return await read(connection, limit.Token).ConfigureAwait(false);
    }

    private sealed record Entry(long Started, Task<IReadOnlyList<T>> Reading);
}
