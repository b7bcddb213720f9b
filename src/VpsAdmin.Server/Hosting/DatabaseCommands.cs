using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>backup-db</c>, <c>pool add</c> and <c>chain resolve</c>: looking after an installation.</summary>
internal static class DatabaseCommands
{
    public static Command BackupDatabase(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var target = new Argument<string>("FILE");
        var command = new Command("backup-db", "Writes a whole copy of the database; the server may run meanwhile.") { target, data };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            if (data.Database.IsPostgreSql)
                throw new SetupException("The database is PostgreSQL's: pg_dump makes a copy of it.");
            var file = Path.GetFullPath(parsed.GetRequiredValue(target));
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
                File.Delete(file + ".part");
                throw new SetupException($"'{file}' cannot be written: {e.Message}", e);
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"The database is in {file}").ConfigureAwait(false);
        });
        return command;
    }

    public static Command Pool(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var filesystem = new Argument<string>("FILESYSTEM");
        var label = new Option<string?>("--label") { HelpName = "TEXT" };
        var node = new Option<string?>("--node") { Description = "Domain name of the node that has it (default: the one in the server)", HelpName = "NAME" };
        var add = new Command("add", "Adds a pool for backups; the node uses it from its next start.") { filesystem, data, label, node };
        add.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var name = parsed.GetRequiredValue(filesystem);
            if (!ZfsName.IsDataset(name))
                throw new SetupException($"'{name}' is not the name of a ZFS filesystem, such as backup/vps.");
            var owner = await OwnerAsync(db, parsed.GetValue(node), cancel).ConfigureAwait(false);
            var pools = await db.Pools.Where(p => p.NodeId == owner).ToListAsync(cancel).ConfigureAwait(false);
            if (pools.Find(p => $"{p.Filesystem}/".StartsWith($"{name}/", StringComparison.Ordinal) || $"{name}/".StartsWith($"{p.Filesystem}/", StringComparison.Ordinal)) is { } other)
                throw new SetupException($"'{name}' is not apart from pool {other.Id}, {other.Filesystem}.");
            var pool = new Pool { NodeId = owner, Label = parsed.GetValue(label) ?? name, Filesystem = name, Role = PoolRole.Backup };
            db.Pools.Add(pool);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Pool {pool.Id} ({name}) was added.").ConfigureAwait(false);
        });
        return new("pool", "ZFS filesystems that datasets and backups live below.") { add };
    }

    /// <param name="name">Null: the server's own, the cluster's first.</param>
    private static async Task<long> OwnerAsync(VpsAdminDb db, string? name, CancellationToken cancel)
    {
        if (name is null)
            return await db.Nodes.OrderBy(static n => n.Id).Select(static n => n.Id).FirstAsync(cancel).ConfigureAwait(false);
        return (await db.Nodes.SingleOrDefaultAsync(n => n.DomainName == name, cancel).ConfigureAwait(false))?.Id
            ?? throw new SetupException($"There is no node '{name}'; add it: vpsadmin-server node add {name}");
    }

    public static Command Chain(IConfiguration configuration, TimeProvider time)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var id = new Argument<long>("ID");
        var resolve = new Command("resolve", "Ends a chain that could not be undone, when what it left has been looked at; its locks are released.") { id, data };
        resolve.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var chain = await ChainClosing.ResolveAsync(db, parsed.GetRequiredValue(id), time.GetUtcNow(), cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Chain {chain.Id} ({chain.Label}) is resolved.")).ConfigureAwait(false);
        });
        return new("chain", "Transaction chains.") { resolve };
    }
}
