namespace VpsAdmin.Server.Chains;

/// <summary>Pieces of work on different things go on at once; those on the same thing one after another, in the order in which they came.</summary>
internal sealed class KeyedWork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Task> _last = [];

    /// <param name="key">The thing.</param>
    /// <param name="work">It deals with its own failures: nobody else hears of them.</param>
    public void Add(long key, Func<Task> work)
    {
        lock (_gate)
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var before = _last.GetValueOrDefault(key, Task.CompletedTask);
            _last[key] = end.Task;
            _ = RunAsync(key, before, work, end);
        }
    }

    /// <summary>Returns when all that was added has ended. Nothing may be added meanwhile.</summary>
    public Task EndAsync()
    {
        lock (_gate)
            return Task.WhenAll(_last.Values);
    }

    private async Task RunAsync(long key, Task before, Func<Task> work, TaskCompletionSource end)
    {
        await before.ConfigureAwait(false);
        // Whoever adds it does not carry it out.
        await Task.Run(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (_last[key] == end.Task)
                _last.Remove(key);
        }
        end.SetResult();
    }
}
