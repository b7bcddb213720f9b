using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>The database of a server that has been started once, for commands beside it; the server may run meanwhile.</summary>
internal static class InstalledDatabase
{
    /// <exception cref="SetupException">There is none, or it is of another version.</exception>
    public static async Task<VpsAdminDb> OpenAsync(DatabaseOptions database, string dataDirectory, CancellationToken cancel)
    {
        var file = Path.Combine(dataDirectory, DataDirectory.DatabaseName);
        var place = database.IsPostgreSql ? "the database" : $"the database in '{dataDirectory}'";
        if (!database.IsPostgreSql && !File.Exists(file))
            throw new SetupException($"--data: there is no database in '{dataDirectory}'. Start the server on it once: vpsadmin-server serve.");
        var db = Database.Open(database, file);
        try
        {
            await Database.RefuseNewerAsync(db, cancel).ConfigureAwait(false);
            if (!(await db.Database.GetAppliedMigrationsAsync(cancel).ConfigureAwait(false)).Any())
                throw new SetupException($"{database.Setting}: {place} is empty. Start the server on it once: vpsadmin-server serve.");
            if ((await db.Database.GetPendingMigrationsAsync(cancel).ConfigureAwait(false)).Any())
                throw new SetupException($"{database.Setting}: {place} is of an older version. Start this version of the server on it once.");
            return db;
        }
        catch (Exception e)
        {
            await db.DisposeAsync().ConfigureAwait(false);
            if (e is System.Data.Common.DbException)
                throw new SetupException($"{database.Setting}: {place} cannot be used: {e.Message}", e);
            throw;
        }
    }
}
