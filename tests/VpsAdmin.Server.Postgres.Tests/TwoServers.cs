using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>Two servers without nodes inside, on one database and the same nodes. The first runs chains.</summary>
public abstract class TwoServers : IAsyncLifetime
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected RunningServer First { get; private set; } = null!;

    private protected RunningServer Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        First = await RunningServer.StartAsync(configure: static options => options with { Pool = null });
        await First.AddNodeAsync();
        Second = await First.StartAnotherAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Second is not null)
            await Second.DisposeAsync();
        await First.DisposeAsync();
    }
}
