namespace VpsAdmin.Server.Data;

/// <summary>
/// How many write at once. SQLite has one writer, and whoever finds it at work sleeps in a thread and looks again: so they wait here, in their order. With PostgreSQL some of
/// the server's connections are left to those who read, whatever the writers wait for; and whoever builds chains, which may be a long wait for others who do, takes none of those
/// that chains are moved by.
/// </summary>
public sealed class WritersTurns : IDisposable
{
    private readonly SemaphoreSlim _building;
    private readonly SemaphoreSlim _moving;

    internal WritersTurns(DatabaseOptions database)
    {
        _building = new(database.Writers, database.Writers);
        _moving = database.IsPostgreSql ? new(database.Writers, database.Writers) : _building;
    }

    internal Task<IDisposable> TakeBuildingAsync(CancellationToken cancel) => TakeAsync(_building, cancel);

    internal Task<IDisposable> TakeMovingAsync(CancellationToken cancel) => TakeAsync(_moving, cancel);

    public void Dispose()
    {
        _building.Dispose();
        _moving.Dispose();
    }

    private static async Task<IDisposable> TakeAsync(SemaphoreSlim free, CancellationToken cancel)
    {
        await free.WaitAsync(cancel).ConfigureAwait(false);
        return new Turn(free);
    }

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
