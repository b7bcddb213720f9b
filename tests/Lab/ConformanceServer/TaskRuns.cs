using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>Runs of tasks. They need no time but somebody who waits for them: each wait brings all of them one step on.</summary>
internal sealed class TaskRuns : IActionStates
{
    private const long Steps = 3;

    private readonly Lock _lock = new();
    private readonly List<BackgroundAction> _runs = [];

    public Task NextChangeOf(long id)
    {
        lock (_lock)
            for (var i = 0; i < _runs.Count; i++)
                if (!_runs[i].Finished) _runs[i] = _runs[i] with { Current = _runs[i].Current + 1, Finished = _runs[i].Current + 1 >= Steps, CanCancel = _runs[i].Current + 1 < Steps };
        return Task.CompletedTask;
    }

    public void Reset()
    {
        lock (_lock) _runs.Clear();
    }

    public long Start(string label)
    {
        lock (_lock)
        {
            var now = TimeProvider.System.GetUtcNow();
            _runs.Add(new BackgroundAction(_runs.Count + 1, label, Finished: false, Status: true, 0, Steps, "step", CanCancel: true, now, now));
            return _runs.Count;
        }
    }

    public Task<ActionReply<BackgroundAction>> PendingAsync(ActionContext context, bool newestFirst)
    {
        lock (_lock)
        {
            var pending = _runs.Where(r => !r.Finished);
            return Task.FromResult(Paging.Page(context, newestFirst ? pending.Reverse() : pending, r => r.Id, newestFirst));
        }
    }

    public Task<BackgroundAction?> FindAsync(ActionContext context, long id)
    {
        lock (_lock) return Task.FromResult(_runs.FirstOrDefault(r => r.Id == id));
    }

    public Task<long?> CancelAsync(ActionContext context, long id)
    {
        lock (_lock)
        {
            var place = _runs.FindIndex(r => r.Id == id && r.CanCancel);
            if (place < 0) throw ActionRefusedException.Refused("unable to cancel");
            _runs[place] = _runs[place] with { Finished = true, Status = false, Current = Steps, CanCancel = false };
            return Task.FromResult<long?>(null);
        }
    }
}
