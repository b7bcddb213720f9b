namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// How long to wait for a server that is still producing: a quarter of a second at first, so that a small snapshot takes seconds,
/// doubling to ten, so that an export queued for hours costs little.
/// </summary>
internal sealed class AdaptiveWait(TimeProvider time)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.25);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private TimeSpan _next = Shortest;

    public void Reset() => _next = Shortest;

    public Task PauseAsync(CancellationToken cancel)
    {
        // Up to a quarter less, so that many clients of one server do not march in step.
        var pause = _next * (1 - (Random.Shared.NextDouble() / 4));
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return Task.Delay(pause, time, cancel);
    }
}
