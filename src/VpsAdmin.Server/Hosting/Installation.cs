using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>What this server is set up with: made on the first start, found again on later ones.</summary>
/// <param name="DownloadFolder">Where the pool's exports grow.</param>
public sealed record Installation(DataDirectory Data, long NodeId, string DomainName, long PoolId, string PoolFilesystem, string DownloadFolder)
{
    /// <exception cref="SetupException">It cannot be; the pool was not changed.</exception>
    public static async Task<Installation> PrepareAsync(ServerOptions options, ZfsHost zfs, TimeProvider time, CancellationToken cancel)
    {
        options.Check();
        await CheckPoolAsync(zfs, options.Pool, cancel).ConfigureAwait(false);
        var data = DataDirectory.Open(options.DataDirectory);
        try
        {
            var (node, pool) = await PrepareDatabaseAsync(data, options, time, cancel).ConfigureAwait(false);
            var folder = await DownloadArea.PrepareAsync(zfs, pool.Filesystem, cancel).ConfigureAwait(false);
            return new(data, node.Id, node.DomainName, pool.Id, pool.Filesystem, folder);
        }
        catch (Exception e) when (e is ZfsException or TransactionException)
        {
            data.Dispose();
            throw new SetupException($"--pool: '{options.Pool}' cannot be used: {OneLine(e.Message)}", e);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    internal static async Task<(Data.Node Node, Pool Pool)> PrepareDatabaseAsync(
        DataDirectory data, ServerOptions options, TimeProvider time, CancellationToken cancel)
    {
        var builder = new DbContextOptionsBuilder<VpsAdminDb>();
        Database.Configure(builder, data.Database);
        var db = new VpsAdminDb(builder.Options);
        await using var _ = db.ConfigureAwait(false);
        try
        {
            await Database.MigrateAsync(db, data.Database, cancel).ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException e)
        {
            throw new SetupException($"--data: the database '{data.Database}' cannot be used: {OneLine(e.Message)}", e);
        }
        await FirstAdministrator.EnsureAsync(db, PasswordHashing.Create(), data.AdminPassword, time, cancel).ConfigureAwait(false);
        return await EnsureNodeAsync(db, options, cancel).ConfigureAwait(false);
    }

    private static async Task<(Data.Node, Pool)> EnsureNodeAsync(VpsAdminDb db, ServerOptions options, CancellationToken cancel)
    {
        var pool = await db.Pools.Include(static p => p.Node).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        if (pool is null)
        {
            var node = new Data.Node { Name = FirstLabel(options.DomainName), DomainName = options.DomainName };
            pool = new Pool { Node = node, Label = options.Pool, Filesystem = options.Pool, Role = PoolRole.Hypervisor };
            db.Pools.Add(pool);
        }
        else if (pool.Filesystem != options.Pool)
        {
            throw new SetupException($"--pool: the data in '{options.DataDirectory}' belongs to pool '{pool.Filesystem}', not to '{options.Pool}'.");
        }
        else if (options.NodeName is not null)
        {
            (pool.Node.Name, pool.Node.DomainName) = (FirstLabel(options.DomainName), options.DomainName);
        }
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return (pool.Node, pool);
    }

    private static async Task CheckPoolAsync(ZfsHost zfs, string pool, CancellationToken cancel)
    {
        try
        {
            await zfs.GetFilesystemAsync(pool, cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.NotFound)
        {
            throw new SetupException($"--pool: there is no filesystem '{pool}' on this machine; 'zfs list' shows those that are.", e);
        }
        catch (ZfsException e)
        {
            throw new SetupException($"--pool: ZFS cannot be used: {OneLine(e.Message)}", e);
        }
    }

    private static string FirstLabel(string domainName) => domainName.Split('.')[0];

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
