namespace VpsAdmin.PS.Tests.Engine;

internal static class Eventually
{
    /// <summary>Waits for a condition that something else brings about; the test's own time limit ends a vain wait.</summary>
    public static async Task Async(Func<bool> condition, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
