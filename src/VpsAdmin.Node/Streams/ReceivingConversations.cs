namespace VpsAdmin.Node.Streams;

/// <summary>Who sends to this node at the moment: one connection for each transfer. A sender that comes again, having died, takes the place of its former self.</summary>
internal sealed class ReceivingConversations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Conversation> _all = [];

    /// <summary>Stops an older one of the same transfer, waits for its end, and runs.</summary>
    public async Task RunAsync(string transfer, Func<CancellationToken, Task> talk, CancellationToken cancel)
    {
        using var conversation = new Conversation(cancel);
        try
        {
            await ReplaceAsync(transfer, conversation, cancel).ConfigureAwait(false);
            await talk(conversation.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (_all.GetValueOrDefault(transfer) == conversation)
                    _all.Remove(transfer);
            }
            conversation.End();
        }
    }

    /// <summary>Completes when nothing of the transfer is being received.</summary>
    public Task StopAsync(string transfer, CancellationToken cancel) => ReplaceAsync(transfer, by: null, cancel);

    private async Task ReplaceAsync(string transfer, Conversation? by, CancellationToken cancel)
    {
        Conversation? former;
        Task stopping = Task.CompletedTask;
        lock (_gate)
        {
            if (_all.Remove(transfer, out former))
                stopping = former.StopAsync();
            if (by is not null)
                _all.Add(transfer, by);
        }
        await stopping.ConfigureAwait(false);
        if (former is not null)
            await former.Ended.WaitAsync(cancel).ConfigureAwait(false);
    }

    private sealed class Conversation(CancellationToken stop) : IDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Token => _stop.Token;

        public Task Ended => _ended.Task;

        public Task StopAsync() => _stop.CancelAsync();

        public void End() => _ended.SetResult();

        public void Dispose() => _stop.Dispose();
    }
}
