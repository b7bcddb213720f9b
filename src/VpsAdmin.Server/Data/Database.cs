using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using VpsAdmin.Server.Data.Postgres;
using VpsAdmin.Server.Hosting;
using static SQLitePCL.raw;

namespace VpsAdmin.Server.Data;

/// <summary>The database of an installation: a SQLite file, or one of a PostgreSQL server.</summary>
internal static class Database
{
    /// <summary>idle_in_transaction_session_timeout of PostgreSQL, for which the library has no name.</summary>
    private const string IdleInTransaction = "25P03";

    /// <param name="file">The SQLite file, where it is one.</param>
    public static VpsAdminDb Open(DatabaseOptions database, string file)
    {
        if (database.IsPostgreSql)
        {
            var builder = new DbContextOptionsBuilder<PostgresDb>();
            Configure(builder, database, file);
            return new PostgresDb(builder.Options);
        }
        var sqlite = new DbContextOptionsBuilder<VpsAdminDb>();
        Configure(sqlite, database, file);
        return new VpsAdminDb(sqlite.Options);
    }

    public static void AddTo(IServiceCollection services, DatabaseOptions database, string file)
    {
        services.AddSingleton(new WritersTurns(database));
        if (database.IsPostgreSql)
            services.AddDbContext<VpsAdminDb, PostgresDb>(options => Configure(options, database, file));
        else
            services.AddDbContext<VpsAdminDb>(options => Configure(options, database, file));
    }

    private static void Configure(DbContextOptionsBuilder options, DatabaseOptions database, string file)
    {
        if (database.IsPostgreSql)
        {
            options.UseNpgsql(database.ConnectionString().ToString(), static npgsql => npgsql.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery)
                // The one that is there by default hides what happened in an exception of its own, though it does not try again either.
                .ExecutionStrategy(static dependencies => new NonRetryingExecutionStrategy(dependencies)));
            return;
        }
        // Foreign keys are on by default; a busy database is waited for as long as the timeout says.
        var connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 };
        options.UseSqlite(connection.ToString(), static sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery));
    }

    /// <summary>
    /// Whether the same work can succeed later: the database is busy or locked, its disk is full or fails to read or write, or its server is away or
    /// restarts, or the file with its password cannot be read for a while.
    /// </summary>
    public static bool IsTransient(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_IOERR or SQLITE_FULL } or NpgsqlException { IsTransient: true }
                or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleInTransaction } or SetupException)
                return true;
        }
        return false;
    }

    /// <summary>Whether others were in the way of a database transaction, which PostgreSQL took back for that: done again, it can succeed.</summary>
    public static bool IsConflict(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure })
                return true;
        }
        return false;
    }

    /// <summary>Brings the schema up to date. Of several servers that would, one does, and the others wait.</summary>
    /// <exception cref="SetupException">A newer server has changed it, or what answers is no PostgreSQL as servers need it.</exception>
    public static async Task MigrateAsync(VpsAdminDb db, string file, CancellationToken cancel)
    {
        if (db is not PostgresDb)
            await PrepareFileAsync(db, file, cancel).ConfigureAwait(false);
        try
        {
            await db.MigrateAloneAsync(async () =>
            {
                await RefuseNewerAsync(db, cancel).ConfigureAwait(false);
                await db.Database.MigrateAsync(cancel).ConfigureAwait(false);
            }, cancel).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ProtocolViolation or PostgresErrorCodes.UndefinedObject)
        {
            // PgBouncer, for one, takes no options; a PostgreSQL before 14 does not know one of them.
            throw new SetupException($"database:connection: it refuses the settings of a session that servers need: {e.MessageText}. A PostgreSQL of 14 or later is wanted, without a program between that pools connections.", e);
        }
    }

    /// <summary>Gives a new database its identity.</summary>
    public static async Task IdentifyAsync(VpsAdminDb db, CancellationToken cancel)
    {
        if (await db.Identity.AnyAsync(cancel).ConfigureAwait(false))
            return;
        db.Identity.Add(new DatabaseIdentity { Name = Guid.NewGuid().ToString("N") });
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    /// <exception cref="SetupException">A newer server has changed the schema; this one would misunderstand what is in it.</exception>
    public static async Task RefuseNewerAsync(VpsAdminDb db, CancellationToken cancel)
    {
        var applied = await db.Database.GetAppliedMigrationsAsync(cancel).ConfigureAwait(false);
        if (applied.Except(db.Database.GetMigrations()).LastOrDefault() is { } unknown)
            throw new SetupException($"{(db is Postgres.PostgresDb ? "database:connection" : "--data")}: the database is of a newer version of the server (it has '{unknown}'). Run that version, or put a copy from before the upgrade back.");
    }

    /// <summary>Makes the file readable for its owner only.</summary>
    private static async Task PrepareFileAsync(VpsAdminDb db, string file, CancellationToken cancel)
    {
        // SQLite gives its -wal and -shm files the mode of the database.
        if (!File.Exists(file))
            await OwnerOnlyFile.WriteAsync(file, "", cancel).ConfigureAwait(false);

        // Readers do not wait for the writer; the mode is kept in the file.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel).ConfigureAwait(false);
    }
}
