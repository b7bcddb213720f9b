using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>pool add</c> and <c>pool remove</c>.</summary>
internal static class PoolCommand
{
    public static Command Create(IConfiguration configuration) => new("pool", "ZFS filesystems that datasets and backups live below.") { Add(configuration), Remove(configuration) };

    private static Command Add(IConfiguration configuration)
    {
        var (data, filesystem, node) = (AdministrationCommand.DataOption(configuration), new Argument<string>("FILESYSTEM"), NodeOption());
        var label = new Option<string?>("--label") { HelpName = "TEXT" };
        var command = new Command("add", "Adds a pool for backups; the node uses it from its next start.") { filesystem, data, label, node };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var name = Name(parsed.GetRequiredValue(filesystem));
            var owner = await OwnerAsync(db, parsed.GetValue(node), parsed.GetRequiredValue(data), cancel).ConfigureAwait(false);
            var pools = await db.Pools.Where(p => p.NodeId == owner).ToListAsync(cancel).ConfigureAwait(false);
            if (pools.Find(p => $"{p.Filesystem}/".StartsWith($"{name}/", StringComparison.Ordinal) || $"{name}/".StartsWith($"{p.Filesystem}/", StringComparison.Ordinal)) is { } other)
                throw new SetupException($"'{name}' is not apart from pool {other.Id}, {other.Filesystem}.");
            if (parsed.GetValue(node) is null)
                await DemandHereAsync(name, cancel).ConfigureAwait(false);
            var pool = new Pool { NodeId = owner, Label = parsed.GetValue(label) ?? name, Filesystem = name, Role = PoolRole.Backup };
            db.Pools.Add(pool);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Pool {pool.Id} ({name}) was added.").ConfigureAwait(false);
        });
        return command;
    }

    private static Command Remove(IConfiguration configuration)
    {
        var (data, filesystem, node) = (AdministrationCommand.DataOption(configuration), new Argument<string>("FILESYSTEM"), NodeOption());
        var command = new Command("remove", "Forgets a pool for backups on which there is nothing of the database's; the node no longer uses it from its next start.") { filesystem, data, node };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var name = Name(parsed.GetRequiredValue(filesystem));
            var owner = await OwnerAsync(db, parsed.GetValue(node), parsed.GetRequiredValue(data), cancel).ConfigureAwait(false);
            var id = await RemoveAsync(db, owner, name, cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                $"Pool {id} ({name}) was removed. The filesystem is as it was. Where it is among the server's --backup-pool, or the node's --pool, it is added again at the next start.").ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>A backup to it may be on its way into the database.</summary>
    private static async Task<long> RemoveAsync(VpsAdminDb db, long owner, string name, CancellationToken cancel)
    {
        var writing = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = writing.ConfigureAwait(false);
        var pool = await db.Pools.SingleOrDefaultAsync(p => p.NodeId == owner && p.Filesystem == name, cancel).ConfigureAwait(false)
            ?? throw new SetupException($"There is no pool '{name}' of this node; 'vpsadmin-server status' shows those that there are.");
        if (pool.Role is not PoolRole.Backup)
            throw new SetupException($"'{name}' is what the node was set up with, and stays; only pools for backups are removed.");
        if (await db.DatasetInPools.CountAsync(d => d.PoolId == pool.Id, cancel).ConfigureAwait(false) is > 0 and var datasets)
            throw new SetupException($"'{name}' stays: backups of datasets that are on it: {datasets}.");
        if (await db.SnapshotDownloads.AnyAsync(d => d.PoolId == pool.Id, cancel).ConfigureAwait(false))
            throw new SetupException($"'{name}' has downloads on it, and stays until they have expired.");
        db.Pools.Remove(pool);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await writing.CommitAsync(cancel).ConfigureAwait(false);
        return pool.Id;
    }

    private static Option<string?> NodeOption() => new("--node") { Description = "Domain name of the node that has it (default: the one in the server)", HelpName = "NAME" };

    private static string Name(string filesystem) =>
        ZfsName.IsDataset(filesystem) ? filesystem : throw new SetupException($"'{filesystem}' is not the name of a ZFS filesystem, such as backup/vps.");

    /// <summary>A server does not start without a pool of its own. Of a machine without zfs nothing is known, nor of a pool that sudo is needed to see.</summary>
    private static async Task DemandHereAsync(string filesystem, CancellationToken cancel)
    {
        try
        {
            await new ZfsHost().GetFilesystemAsync(filesystem, cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.NotFound)
        {
            throw new SetupException($"There is no filesystem '{filesystem}' on this machine; 'zfs list' shows those that are. Of another node: --node NAME.", e);
        }
        catch (ZfsException)
        {
            // It is not known.
        }
    }

    /// <param name="name">Null: the one in the server of this folder.</param>
    private static async Task<long> OwnerAsync(VpsAdminDb db, string? name, string dataDirectory, CancellationToken cancel)
    {
        var nodes = await db.Nodes.ToListAsync(cancel).ConfigureAwait(false);
        if (name is null)
            return Installation.OwnNode(nodes, dataDirectory).Id;
        return nodes.Find(n => n.DomainName == name)?.Id ?? throw new SetupException($"There is no node '{name}'; add it: vpsadmin-server node add {name}");
    }
}
