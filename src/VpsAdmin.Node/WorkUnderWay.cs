namespace VpsAdmin.Node;

/// <summary>What tells work from all other work that this node may ever get, also after its server's database was put back from a copy.</summary>
internal readonly record struct WorkKey(long TransactionId, string? Installation, string? Nonce)
{
    public static WorkKey Of(TransactionMessage message) => new(message.Id, message.Installation, message.Nonce);
}

/// <summary>What a node works on, so that it can be called off: the undoing of work that has not ended stops it, or keeps it from being begun.</summary>
internal sealed class WorkUnderWay
{
    private readonly Lock _gate = new();
    private readonly Dictionary<WorkKey, Work> _running = [];

    // One key for each thing that was undone since the node started: what waited in its queue meanwhile must not begin behind that.
    private readonly HashSet<WorkKey> _undone = [];

    /// <returns>Null: it was called off before it began.</returns>
    public Work? Begin(WorkKey key, CancellationToken stop)
    {
        lock (_gate)
        {
            if (_undone.Contains(key))
                return null;
            var work = new Work(this, key, stop);
            _running[key] = work;
            return work;
        }
    }

    /// <summary>Completes when nothing works on the transaction, and nothing will.</summary>
    public async Task CallOffAsync(WorkKey key, CancellationToken cancel)
    {
        Task stopping, ended;
        lock (_gate)
        {
            _undone.Add(key);
            if (!_running.TryGetValue(key, out var work))
                return;
            (stopping, ended) = (work.StopAsync(), work.Ended);
        }
        await stopping.ConfigureAwait(false);
        await ended.WaitAsync(cancel).ConfigureAwait(false);
    }

    public sealed class Work(WorkUnderWay all, WorkKey key, CancellationToken stop) : IDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Cancelled when the work is called off, and when the node stops.</summary>
        public CancellationToken Token => _stop.Token;

        public bool IsCalledOff { get; private set; }

        public Task Ended => _ended.Task;

        public Task StopAsync()
        {
            IsCalledOff = true;
            return _stop.CancelAsync();
        }

        public void Dispose()
        {
            lock (all._gate)
            {
                if (all._running.GetValueOrDefault(key) == this)
                    all._running.Remove(key);
            }
            _stop.Dispose();
            _ended.SetResult();
        }
    }
}
