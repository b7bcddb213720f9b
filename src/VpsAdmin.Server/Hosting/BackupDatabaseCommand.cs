using System.CommandLine;
using Microsoft.EntityFrameworkCore;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>backup-db</c>.</summary>
internal static class BackupDatabaseCommand
{
    public static Command Create(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var target = new Argument<string>("FILE");
        var command = new Command("backup-db", "Writes a whole copy of the database; the server may run meanwhile.") { target, data };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            if (data.Database.IsPostgreSql)
                throw new SetupException("The database is PostgreSQL's: pg_dump makes a copy of it.");
            if (parsed.GetRequiredValue(target) is not { Length: > 0 } named)
                throw new SetupException("FILE: the name is empty.");
            var file = Path.GetFullPath(named);
            if (File.Exists(file))
                throw new SetupException($"'{file}' exists already.");
            try
            {
                // Password hashes and addresses of downloads are in it. SQLite writes into an empty file that is there, whose mode stays.
                await OwnerOnlyFile.WriteAsync(file + ".part", "", cancel).ConfigureAwait(false);
                await db.Database.ExecuteSqlAsync($"VACUUM INTO {file + ".part"}", cancel).ConfigureAwait(false);
                File.Move(file + ".part", file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
            {
                if (File.Exists(file + ".part"))
                    File.Delete(file + ".part");
                throw new SetupException($"'{file}' cannot be written: {e.Message}", e);
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"The database is in {file}").ConfigureAwait(false);
        });
        return command;
    }
}
