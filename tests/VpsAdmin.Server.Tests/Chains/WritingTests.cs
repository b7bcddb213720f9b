using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class WritingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disk_that_is_full_says_so_and_costs_nobody_else_his_turn()
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "The one writer is SQLite's.");
        await using var server = await RunningServer.StartAsync();
        await using (var scope = server.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
            await db.Database.OpenConnectionAsync(Cancel);
            var pages = await db.Database.SqlQueryRaw<long>("SELECT page_count AS \"Value\" FROM pragma_page_count()").SingleAsync(Cancel);
            await LimitAsync(db, pages + 8);
            Assert.True(Data.Database.IsTransient(await Record.ExceptionAsync(() => FillAsync(db))));
            await LimitAsync(db, 1 << 20);
        }
        await using var other = server.Services.CreateAsyncScope();
        await using var next = await other.ServiceProvider.GetRequiredService<VpsAdminDb>().BeginWritingAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_transaction_that_cannot_even_be_taken_back_gives_the_turn_back()
    {
        var turn = new Turn();
        await new Writing(new Stuck(), turn).DisposeAsync();
        Assert.True(turn.IsBack);
    }

    private static async Task FillAsync(VpsAdminDb db)
    {
        await using var writing = await db.BeginWritingAsync(Cancel);
        var environment = await db.Locations.Select(static l => l.EnvironmentId).FirstAsync(Cancel);
        db.Locations.AddRange(Enumerable.Range(0, 1000).Select(number => new Location { EnvironmentId = environment, CreatedAt = DateTimeOffset.UnixEpoch, Label = $"{number}{new string('x', 1000)}", Domain = $"{number}.example.org" }));
        await db.SaveChangesAsync(Cancel);
        await writing.CommitAsync(Cancel);
    }

    /// <summary>Of this connection.</summary>
    private static async Task LimitAsync(VpsAdminDb db, long pages)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}");
        await command.ExecuteScalarAsync(Cancel);
    }

    private sealed class Turn : IDisposable
    {
        public bool IsBack { get; private set; }

        public void Dispose() => IsBack = true;
    }

    private sealed class Stuck : IDbContextTransaction
    {
        public Guid TransactionId => Guid.Empty;

        public void Commit() => throw new NotSupportedException();

        public Task CommitAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Rollback() => throw new NotSupportedException();

        public Task RollbackAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose() => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.FromException(new SqliteException("cannot rollback - no transaction is active", 1));
    }
}
