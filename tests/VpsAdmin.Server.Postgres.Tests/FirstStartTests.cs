using Microsoft.EntityFrameworkCore;
using Npgsql;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>Servers that are started together on a database with nothing in it, as by a compose file.</summary>
public sealed class FirstStartTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await using var connection = new NpgsqlConnection(_database.Options.ConnectionString().ToString());
        await connection.OpenAsync(Cancel);
        await using var empty = new NpgsqlCommand("DROP SCHEMA public CASCADE; CREATE SCHEMA public", connection);
        await empty.ExecuteNonQueryAsync(Cancel);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public Task One_makes_the_schema_and_the_others_wait_for_it() => StartTogetherAsync(_database.Options);

    [Fact]
    public async Task A_database_that_is_not_there_is_made()
    {
        var name = $"absent{Guid.NewGuid():N}";
        try
        {
            await StartTogetherAsync(PostgresFixture.Current.OptionsOf(name));
        }
        finally
        {
            await PostgresFixture.Current.DropAsync(name);
        }
    }

    private static Task StartTogetherAsync(DatabaseOptions options) => Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
    {
        await using var db = Database.Open(options, "");
        await Database.MigrateAsync(db, "", Cancel);
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Cancel));
    }, Cancel)));
}
