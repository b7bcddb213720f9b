namespace VpsAdmin.Transfer.Pump;

/// <summary>Turns bytes and phases into reports: at once when the phase changes, else about five a second.</summary>
internal sealed class ProgressMeter(IProgress<TransferProgress>? progress, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<(long At, long Bytes)> _samples = new();
    private TransferPhase? _phase;
    private long _bytes;
    private long? _estimate;
    private long? _exactTotal;
    private long? _reportedAt;

    /// <summary>Bytes that are here before any arrive: they say nothing about the rate.</summary>
    public void StartAt(long bytes)
    {
        _bytes = bytes;
        _samples.Clear();
        _samples.Enqueue((time.GetTimestamp(), bytes));
    }

    public void Expect(long? sizeMiB, long? exactTotal)
    {
        _estimate = sizeMiB * 1024 * 1024;
        _exactTotal = exactTotal;
    }

    public void Add(int bytes, TransferPhase phase = TransferPhase.Transferring)
    {
        _bytes += bytes;
        if (_reportedAt is null || time.GetElapsedTime(_reportedAt.Value) >= Interval)
            Report(phase, null);
    }

    public void Enter(TransferPhase phase, string? detail = null)
    {
        if (phase != _phase || detail is not null)
            Report(phase, detail);
    }

    private void Report(TransferPhase phase, string? detail)
    {
        _phase = phase;
        if (progress is null)
            return;
        var now = time.GetTimestamp();
        _reportedAt = now;
        var rate = Rate(now);
        // An estimate that has been overtaken is worth as much as none; the bar still must not stand beyond its end.
        var total = _exactTotal ?? (_estimate is { } e ? Math.Max(e, _bytes) : null);
        var remaining = total is { } t && rate > 0 ? TimeSpan.FromSeconds(Math.Min((t - _bytes) / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : (TimeSpan?)null;
        progress.Report(new TransferProgress(phase, _bytes, total, _exactTotal is not null, rate, remaining, detail));
    }

    private double Rate(long now)
    {
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > Window)
            _samples.Dequeue();
        var (at, bytes) = _samples.Count > 0 ? _samples.Peek() : (now, _bytes);
        _samples.Enqueue((now, _bytes));
        var seconds = time.GetElapsedTime(at, now).TotalSeconds;
        return seconds > 0 ? (_bytes - bytes) / seconds : 0;
    }
}
