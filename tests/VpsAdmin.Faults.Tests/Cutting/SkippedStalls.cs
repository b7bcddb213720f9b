using VpsAdmin.Transfer.Tests;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>Lets the time pass that a program waits for a server which says nothing more.</summary>
internal sealed class SkippedStalls : IAsyncDisposable
{
    /// <summary>Beyond what <see cref="ImpatientTime"/> skips: only a stall of the script's is one.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromHours(12);

    private readonly ImpatientTime _time;
    private readonly Func<bool> _isStalling;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _skipping;

    /// <param name="isStalling">The server is silent, and its client waits.</param>
    public SkippedStalls(ImpatientTime time, Func<bool> isStalling)
    {
        (_time, _isStalling) = (time, isStalling);
        _skipping = SkipAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _skipping;
        _end.Dispose();
    }

    private async Task SkipAsync()
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        try
        {
            while (await look.WaitForNextTickAsync(_end.Token))
            {
                if (_isStalling())
                    _time.Skip(Timeout * 2);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
