using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>What this server is set up with: made on the first start, found again on later ones.</summary>
/// <param name="NodeId">The node in this process. Where it has no pool, it is that of all servers on the database, and mail goes out from there.</param>
/// <param name="PoolId">0: there is no pool in this process.</param>
/// <param name="PoolFilesystem">Null: there is no pool in this process.</param>
/// <param name="DownloadFolder">Where the pool's exports grow; null as well.</param>
public sealed record Installation(DataDirectory Data, long NodeId, string DomainName, long PoolId, string? PoolFilesystem, string? DownloadFolder)
{
    /// <summary>Name of the node that all servers without pools are. No machine has it: it has no domain.</summary>
    public const string ServersName = "servers";

    /// <summary>Pools of this node that backups go to.</summary>
    public IReadOnlyList<BackupPool> Backups { get; init; } = [];

    /// <summary>All pools in this process.</summary>
    public IEnumerable<(long Id, string Filesystem)> Pools =>
        PoolFilesystem is null ? [] : Backups.Select(static b => (b.PoolId, b.Filesystem)).Prepend((PoolId, PoolFilesystem));

    /// <summary>Of the nodes in a database the one in the server of this folder. Where the folder does not tell: that of all servers without pools, or else the first.</summary>
    public static Data.Node OwnNode(IReadOnlyCollection<Data.Node> nodes, string dataDirectory)
    {
        var file = DataDirectory.NodeIdOf(dataDirectory);
        var known = File.Exists(file) && long.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
        return nodes.FirstOrDefault(n => n.Id == known) ?? nodes.FirstOrDefault(static n => n.DomainName == ServersName) ?? nodes.MinBy(static n => n.Id)!;
    }

    /// <summary>Where a pool's exports are; null: the pool is none of this node's.</summary>
    public string? DownloadFolderOf(long poolId) =>
        poolId == PoolId && PoolFilesystem is not null ? DownloadFolder : Backups.FirstOrDefault(b => b.PoolId == poolId)?.DownloadFolder;

    /// <exception cref="SetupException">It cannot be; the pool was not changed.</exception>
    public static async Task<Installation> PrepareAsync(ServerOptions options, ZfsHost zfs, TimeProvider time, CancellationToken cancel)
    {
        options.Check();
        if (options.Pool is not null)
            await CheckPoolAsync(zfs, options.Pool, "--pool", cancel).ConfigureAwait(false);
        foreach (var backup in options.BackupPools)
            await CheckPoolAsync(zfs, backup, "--backup-pool", cancel).ConfigureAwait(false);
        var data = DataDirectory.Open(options.DataDirectory);
        try
        {
            var (node, pool, backupPools) = await PrepareDatabaseAsync(data, options, time, cancel).ConfigureAwait(false);
            if (pool is null)
                return new(data, node.Id, options.DomainName, 0, null, null);
            var folder = await DownloadArea.PrepareAsync(zfs, pool.Filesystem, cancel).ConfigureAwait(false);
            var backups = new List<BackupPool>();
            foreach (var backup in backupPools)
                backups.Add(new(backup.Id, backup.Filesystem, await DownloadArea.PrepareAsync(zfs, backup.Filesystem, cancel).ConfigureAwait(false)));
            return new(data, node.Id, node.DomainName, pool.Id, pool.Filesystem, folder) { Backups = backups };
        }
        catch (Exception e) when (e is ZfsException or TransactionException)
        {
            data.Dispose();
            throw new SetupException($"A pool of this node cannot be used: {OneLine(e.Message)}", e);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <returns>The pool is null where this server has none.</returns>
    internal static async Task<(Data.Node Node, Pool? Pool, IReadOnlyList<Pool> Backups)> PrepareDatabaseAsync(
        DataDirectory data, ServerOptions options, TimeProvider time, CancellationToken cancel)
    {
        var db = Database.Open(options.Database, data.Database);
        await using var _ = db.ConfigureAwait(false);
        try
        {
            await Database.MigrateAsync(db, data.Database, cancel).ConfigureAwait(false);

            // Several servers may be started on a new database at once.
            var transaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
            await using var __ = transaction.ConfigureAwait(false);
            await Database.IdentifyAsync(db, cancel).ConfigureAwait(false);
            await FirstAdministrator.EnsureAsync(db, PasswordHashing.Create(), data.AdminPassword, time, cancel).ConfigureAwait(false);
            (Data.Node Node, Pool?, IReadOnlyList<Pool>) found = options.Pool is null
                ? (await EnsureServersNodeAsync(db, options, time, cancel).ConfigureAwait(false), null, [])
                : await EnsureNodeAsync(db, options, time, cancel).ConfigureAwait(false);
            await transaction.CommitAsync(cancel).ConfigureAwait(false);
            await OwnerOnlyFile.WriteAsync(data.NodeId, found.Node.Id.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
            return found;
        }
        catch (System.Data.Common.DbException e)
        {
            var place = options.Database.IsPostgreSql ? "the database" : $"the database '{data.Database}'";
            throw new SetupException($"{options.Database.Setting}: {place} cannot be used: {OneLine(e.Message)}", e);
        }
    }

    private static async Task<Data.Node> EnsureServersNodeAsync(VpsAdminDb db, ServerOptions options, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Nodes.SingleOrDefaultAsync(static n => n.DomainName == ServersName, cancel).ConfigureAwait(false) is { } known)
            return known;
        var location = await db.Locations.OrderBy(static l => l.Id).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        var node = new Data.Node { Name = ServersName, DomainName = ServersName, Location = location ?? FirstLocation(options.DomainName, time) };
        db.Nodes.Add(node);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return node;
    }

    private static async Task<(Data.Node, Pool?, IReadOnlyList<Pool>)> EnsureNodeAsync(VpsAdminDb db, ServerOptions options, TimeProvider time, CancellationToken cancel)
    {
        var pools = await db.Pools.Include(static p => p.Node).OrderBy(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        var pool = pools.Find(static p => p.Role is not PoolRole.Backup);
        if (pool is null)
        {
            var node = new Data.Node { Name = FirstLabel(options.DomainName), DomainName = options.DomainName };
            pool = new Pool { Node = node, Label = options.Pool!, Filesystem = options.Pool!, Role = PoolRole.Hypervisor };
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
        var backups = pools.FindAll(p => p.Role is PoolRole.Backup && p.NodeId == pool.NodeId);
        backups.AddRange(options.BackupPools.Except(backups.Select(static p => p.Filesystem))
            .Select(name => new Pool { Node = pool.Node, Label = name, Filesystem = name, Role = PoolRole.Backup }));
        db.Pools.AddRange(backups.Where(static p => p.Id == 0));
        pool.Node.Location ??= await FirstLocationAsync(db, pool.Node, time, cancel).ConfigureAwait(false);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return (pool.Node, pool, backups);
    }

    /// <summary>Every node stands somewhere; a server that was told nothing of it makes a place.</summary>
    private static async Task<Location> FirstLocationAsync(VpsAdminDb db, Data.Node node, TimeProvider time, CancellationToken cancel)
    {
        if (node.LocationId is { } id)
            return await db.Locations.SingleAsync(l => l.Id == id, cancel).ConfigureAwait(false);
        return FirstLocation(node.DomainName, time);
    }

    /// <param name="domainName">Of the machine.</param>
    private static Location FirstLocation(string domainName, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var domain = domainName.Contains('.', StringComparison.Ordinal) ? domainName[(domainName.IndexOf('.', StringComparison.Ordinal) + 1)..] : "localdomain";
        var environment = new ClusterEnvironment { Label = "Production", Domain = domain, CreatedAt = now };
        return new Location { Environment = environment, Label = "Here", Domain = "", CreatedAt = now };
    }

    private static async Task CheckPoolAsync(ZfsHost zfs, string pool, string option, CancellationToken cancel)
    {
        try
        {
            await zfs.GetFilesystemAsync(pool, cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure is ZfsFailure.NotFound)
        {
            throw new SetupException($"{option}: there is no filesystem '{pool}' on this machine; 'zfs list' shows those that are.", e);
        }
        catch (ZfsException e)
        {
            throw new SetupException($"{option}: ZFS cannot be used: {OneLine(e.Message)}", e);
        }
    }

    private static string FirstLabel(string domainName) => domainName.Split('.')[0];

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}

/// <summary>A pool of the node that backups go to.</summary>
/// <param name="DownloadFolder">Where its exports grow.</param>
public sealed record BackupPool(long PoolId, string Filesystem, string DownloadFolder);
