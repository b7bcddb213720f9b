using System.CommandLine;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>What the commands of an administrator have in common: a database, one line for an error, a status.</summary>
internal static class AdministrationCommand
{
    public const int BadSetup = 2;

    public static DataOption DataOption(IConfiguration configuration) => new(DatabaseOptions.Read(configuration))
    {
        Description = "Folder of the server", HelpName = "DIR", Required = configuration["data"] is null,
        DefaultValueFactory = configuration["data"] is { } data ? _ => data : null,
    };

    /// <summary>Runs with the database; what cannot be is told in one line.</summary>
    public static void SetDatabaseAction(this Command command, DataOption data, Func<ParseResult, VpsAdminDb, CancellationToken, Task> run) =>
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            await run(parsed, db, cancel).ConfigureAwait(false);
            return 0;
        });

    /// <param name="run">Returns the status.</param>
    public static void SetDatabaseAction(this Command command, DataOption data, Func<ParseResult, VpsAdminDb, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var db = await InstalledDatabase.OpenAsync(data.Database, parsed.GetRequiredValue(data), cancel).ConfigureAwait(false);
                await using var _ = db.ConfigureAwait(false);
                return await run(parsed, db, cancel).ConfigureAwait(false);
            }
            catch (SetupException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"vpsadmin-server: {e.Message}").ConfigureAwait(false);
                return BadSetup;
            }
            catch (System.Data.Common.DbException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"vpsadmin-server: {data.Database.Setting}: the database cannot be used: {e.Message}").ConfigureAwait(false);
                return BadSetup;
            }
            catch (Api.ActionRefusedException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"vpsadmin-server: {e.Message}").ConfigureAwait(false);
                return 1;
            }
        });
}

/// <summary>Where the server's folder is, and with it its database, if that is not elsewhere.</summary>
/// <param name="database">As the settings say.</param>
internal sealed class DataOption(DatabaseOptions database) : Option<string>("--data")
{
    public DatabaseOptions Database => database;
}
