namespace VpsAdmin.Node.Tests;

internal static class Until
{
    /// <summary>Waits for something that nobody announces, such as the growth of a file.</summary>
    public static async Task TrueAsync(Func<bool> condition, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await look.WaitForNextTickAsync(cancel);
    }

    /// <summary>The same of what a program has to be asked about.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await look.WaitForNextTickAsync(cancel);
    }
}
