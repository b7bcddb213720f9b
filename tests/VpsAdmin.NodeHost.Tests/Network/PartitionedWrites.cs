using Npgsql;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;

namespace VpsAdmin.NodeHost.Tests.Network;

/// <summary>
/// A server in a namespace of its own; the database, another server and the client in another. The cable between them is cut while the first is in the middle of a database transaction, in which it keeps
/// all other writers waiting.
/// </summary>
public sealed class PartitionedWrites : PartitionedServers
{
    /// <summary>Far less than the quarter of an hour, or the two hours, for which the kernel of the database's machine would wait by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact(Explicit = true)]
    public async Task What_it_has_locked_is_free_for_the_others_soon()
    {
        Many.Require();
        await using var near = await Many.StartServerAsync("a");
        await Many.AddNodeAsync();
        await using var node = await Many.StartNodeAsync(path: null);
        await using var far = await Many.StartServerAsync("b", Far, PrivateNetwork.There);
        var (here, there) = (await Many.ConnectAsync("a"), await Many.ConnectAsync("b"));

        // Its transaction comes to a table that somebody else has, and holds the writers' lock there.
        await using var database = new NpgsqlConnection(Many.Postgres.TcpConnectionString("postgres"));
        await database.OpenAsync(Cancel);
        var table = await database.BeginTransactionAsync(Cancel);
        await ExecuteAsync(database, """LOCK TABLE "Vpses" IN EXCLUSIVE MODE""");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var asked = ManyServers.CreateVpsAsync(there, enough.Token);
        await UntilAsync(async () => await CountAsync("""SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '"Vpses"'::regclass""") > 0, asked);
        await using (await PrivateNetwork.CutAsync())
        {
            await table.RollbackAsync(Cancel);
            // Nobody tells PostgreSQL that the server has gone.
            await UntilAsync(() => AcceptsAsync(here), other: null).WaitAsync(Patience, Cancel);
            await enough.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => asked);
        }
    }

    /// <summary>A request that has waited too long for the lock is refused; its client asks again.</summary>
    private static async Task<bool> AcceptsAsync(VpsAdminClient admin)
    {
        try
        {
            await admin.WaitAsync((await ManyServers.CreateVpsAsync(admin, Cancel)).ActionStateId, null, Cancel);
            return true;
        }
        catch (HaveApiException) when (!Cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection database, string sql)
    {
        await using var command = new NpgsqlCommand(sql, database);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Many.Postgres.TcpConnectionString("postgres"));
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Nobody announces it.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition, Task? other)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            if (other is { IsFaulted: true })
                await other;
            await look.WaitForNextTickAsync(Cancel);
        }
    }
}
