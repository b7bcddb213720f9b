using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Data.Postgres;

/// <summary>What the server knows, in a database of a PostgreSQL server, which several servers may share.</summary>
public sealed class PostgresDb(DbContextOptions<PostgresDb> options) : VpsAdminDb(options)
{
    /// <summary>Of the advisory lock that writers hold until their database transaction ends; it is of this database alone.</summary>
    private const long Writing = 0x7670_7361_646D_0001;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        // Names are compared by their bytes, as in SQLite and in ZFS, whatever language the database was made for.
        configurationBuilder.Properties<string>().UseCollation("C");
    }

    // Not by the isolation of transactions: under SERIALIZABLE whoever comes second fails and has to build its chain again.
    internal override Task KeepWritersOutAsync(CancellationToken cancel) => Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Writing})", cancel);

    internal override Task KeepChainAsync(long chainId, CancellationToken cancel) =>
        Database.ExecuteSqlAsync($"""SELECT 1 FROM "TransactionChains" WHERE "Id" = {chainId} FOR UPDATE""", cancel);

    // Whoever waits for nothing cannot be in a circle of those who wait.
    internal override Task<List<Vps>> KeepVpsesAsync(IReadOnlyList<long> ids, CancellationToken cancel) =>
        Vpses.FromSql($"""SELECT * FROM "Vpses" WHERE "Id" = ANY ({ids.ToArray()}) FOR NO KEY UPDATE SKIP LOCKED""").ToListAsync(cancel);

    // Delivered when the transaction is committed, and not at all when it is not.
    internal override Task TellServersAsync(ChainNews news, CancellationToken cancel) =>
        Database.ExecuteSqlAsync($"SELECT pg_notify({ChainNews.Channel}, {news.ToString()})", cancel);
}
