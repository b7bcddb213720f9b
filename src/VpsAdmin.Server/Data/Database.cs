using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Hosting;
using static SQLitePCL.raw;

namespace VpsAdmin.Server.Data;

/// <summary>The SQLite file.</summary>
internal static class Database
{
    /// <summary>Foreign keys are on by default; a busy database is waited for as long as the timeout says.</summary>
    public static void Configure(DbContextOptionsBuilder options, string file) => options.UseSqlite(new SqliteConnectionStringBuilder
    {
        DataSource = file,
        DefaultTimeout = 30,
    }.ToString(), static sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery));

    /// <summary>Whether the same work can succeed later: the database is busy or locked, or its disk is full or fails to read or write.</summary>
    public static bool IsTransient(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_IOERR or SQLITE_FULL })
                return true;
        }
        return false;
    }

    /// <summary>Makes the file readable for its owner only, brings its schema up to date, and gives a new database its identity.</summary>
    public static async Task MigrateAsync(VpsAdminDb db, string file, CancellationToken cancel)
    {
        // SQLite gives its -wal and -shm files the mode of the database.
        if (!File.Exists(file))
            await OwnerOnlyFile.WriteAsync(file, "", cancel).ConfigureAwait(false);

        // Readers do not wait for the writer; the mode is kept in the file.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel).ConfigureAwait(false);
        await RefuseNewerAsync(db, cancel).ConfigureAwait(false);
        await db.Database.MigrateAsync(cancel).ConfigureAwait(false);
        if (!await db.Identity.AnyAsync(cancel).ConfigureAwait(false))
        {
            db.Identity.Add(new DatabaseIdentity { Name = Guid.NewGuid().ToString("N") });
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <exception cref="SetupException">A newer server has changed the schema; this one would misunderstand what is in it.</exception>
    public static async Task RefuseNewerAsync(VpsAdminDb db, CancellationToken cancel)
    {
        var applied = await db.Database.GetAppliedMigrationsAsync(cancel).ConfigureAwait(false);
        if (applied.Except(db.Database.GetMigrations()).LastOrDefault() is { } unknown)
            throw new SetupException($"--data: the database is of a newer version of the server (it has '{unknown}'). Run that version, or put a copy from before the upgrade back.");
    }
}
