using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Data.Postgres;

/// <summary>What the server knows, in a database of a PostgreSQL server, which several servers may share.</summary>
public sealed class PostgresDb : VpsAdminDb
{
    /// <summary>Of the advisory lock that writers hold until their database transaction ends, those about one dataset together; it is of this database alone.</summary>
    private const long Writers = 0x7670_7361_646D_0001;

    /// <summary>The first half of the advisory locks of datasets; the second one is the lower half of the dataset's id.</summary>
    private const int OneDataset = 0x7670_0004;

    /// <summary>Of the one that a server holds while it changes the schema.</summary>
    private const long Migrating = 0x7670_7361_646D_0004;

    public PostgresDb(DbContextOptions<PostgresDb> options, WritersTurns? turns = null)
        : base(options, turns)
    {
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        // Names are compared by their bytes, as in SQLite and in ZFS, whatever language the database was made for.
        configurationBuilder.Properties<string>().UseCollation("C");
    }

    // Not by the isolation of transactions: under SERIALIZABLE whoever comes second fails and has to build its chain again.
    // Always in this order, and one dataset only, so that nobody waits in a circle. Who is about any waits for all, and all who come later wait for it.
    internal override Task KeepWritersOutAsync(long? datasetId, CancellationToken cancel) => datasetId is { } id
        ? Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock_shared({Writers}); SELECT pg_advisory_xact_lock({OneDataset}, {unchecked((int)id)})", cancel)
        : Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Writers})", cancel);

    // EF locks the table of migrations in the database transaction of each of them: in between another server, which has read that table before, begins the next one as well.
    internal override async Task MigrateAloneAsync(Func<Task> migrate, CancellationToken cancel)
    {
        await CreateAsync(cancel).ConfigureAwait(false);
        // Not from the pool, which would keep the lock with the connection.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database.GetConnectionString()) { Pooling = false }.ToString());
        await using var _ = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancel).ConfigureAwait(false);
        var wait = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = 0, Parameters = { new() { Value = Migrating } } };
        await using (wait.ConfigureAwait(false))
            await wait.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        // An index of a large table takes its time.
        Database.SetCommandTimeout(TimeSpan.FromHours(12));
        await migrate().ConfigureAwait(false);
    }

    /// <summary>Makes the database where it is not there yet, and its user may.</summary>
    private async Task CreateAsync(CancellationToken cancel)
    {
        var creator = this.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancel).ConfigureAwait(false))
            return;
        try
        {
            await creator.CreateAsync(cancel).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another server has just made it.
        }
    }

    private protected override Task KeepChainAsync(long chainId, CancellationToken cancel) =>
        Database.ExecuteSqlAsync($"""SELECT 1 FROM "TransactionChains" WHERE "Id" = {chainId} FOR UPDATE""", cancel);

    // Whoever waits for nothing cannot be in a circle of those who wait.
    internal override Task<List<Vps>> KeepVpsesAsync(IReadOnlyList<long> ids, CancellationToken cancel) =>
        Vpses.FromSql($"""SELECT * FROM "Vpses" WHERE "Id" = ANY ({ids.ToArray()}) FOR NO KEY UPDATE SKIP LOCKED""").ToListAsync(cancel);

    // Delivered when the transaction is committed, and not at all when it is not.
    internal override Task TellServersAsync(IEnumerable<ChainNews> news, CancellationToken cancel) =>
        Database.ExecuteSqlAsync($"SELECT pg_notify({ChainNews.Channel}, told) FROM unnest({news.Select(static n => n.ToString()).ToArray()}) AS told", cancel);
}
