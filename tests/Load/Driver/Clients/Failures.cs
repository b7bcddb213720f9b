using System.Globalization;

namespace VpsAdmin.Load.Clients;

/// <summary>What did not come as asked for. The first one is told on standard error, for it says what the others are.</summary>
internal sealed class Failures
{
    private int _count;

    public async Task CountAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ApiFailedException e)
        {
            if (Interlocked.Increment(ref _count) == 1)
                await Console.Error.WriteLineAsync(e.Message);
        }
    }

    public override string ToString() => _count.ToString(CultureInfo.InvariantCulture);
}
