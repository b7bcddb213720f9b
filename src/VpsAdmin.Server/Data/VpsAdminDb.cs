using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace VpsAdmin.Server.Data;

/// <summary>What the server knows, in a SQLite file. <see cref="Postgres.PostgresDb"/> is the same in a PostgreSQL server.</summary>
public class VpsAdminDb : DbContext
{
    private readonly WritersTurns? _turns;

    /// <param name="options">Of the context.</param>
    /// <param name="turns">Those of the server; null: nobody else writes in this process.</param>
    public VpsAdminDb(DbContextOptions<VpsAdminDb> options, WritersTurns? turns = null)
        : this((DbContextOptions)options, turns)
    {
    }

    private protected VpsAdminDb(DbContextOptions options, WritersTurns? turns)
        : base(options)
    {
        _turns = turns;
        // What fails in the middle of a database transaction is taken back with all of it: nobody goes on from a point in between, and each costs two round trips.
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<DatabaseIdentity> Identity => Set<DatabaseIdentity>();
    public DbSet<User> Users => Set<User>();
    public DbSet<AuthToken> AuthTokens => Set<AuthToken>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<PendingLogin> PendingLogins => Set<PendingLogin>();
    public DbSet<TotpDevice> TotpDevices => Set<TotpDevice>();
    public DbSet<ClusterEnvironment> Environments => Set<ClusterEnvironment>();
    public DbSet<Location> Locations => Set<Location>();
    public DbSet<Node> Nodes => Set<Node>();
    public DbSet<Pool> Pools => Set<Pool>();
    public DbSet<Vps> Vpses => Set<Vps>();
    public DbSet<VpsStatus> VpsStatuses => Set<VpsStatus>();
    public DbSet<Dataset> Datasets => Set<Dataset>();
    public DbSet<DatasetInPool> DatasetInPools => Set<DatasetInPool>();
    public DbSet<Snapshot> Snapshots => Set<Snapshot>();
    public DbSet<SnapshotInPool> SnapshotInPools => Set<SnapshotInPool>();
    public DbSet<DatasetTree> DatasetTrees => Set<DatasetTree>();
    public DbSet<Branch> Branches => Set<Branch>();
    public DbSet<SnapshotInBranch> SnapshotInBranches => Set<SnapshotInBranch>();
    public DbSet<SnapshotDownload> SnapshotDownloads => Set<SnapshotDownload>();
    public DbSet<TransactionChain> TransactionChains => Set<TransactionChain>();
    public DbSet<Transaction> Transactions => Set<Transaction>();
    public DbSet<ChainConcern> ChainConcerns => Set<ChainConcern>();
    public DbSet<ResourceLock> ResourceLocks => Set<ResourceLock>();
    public DbSet<Confirmation> Confirmations => Set<Confirmation>();
    public DbSet<MigrationPlan> MigrationPlans => Set<MigrationPlan>();
    public DbSet<VpsMigration> VpsMigrations => Set<VpsMigration>();

    public DbSet<SpaceSample> SpaceSamples => Set<SpaceSample>();

    /// <summary>
    /// Begins a database transaction that keeps out all others which are begun like this, so that what is read in it still holds when it is
    /// committed: whoever builds or ends a chain, or decides by rows that others may change.
    /// </summary>
    internal Task<Writing> BeginWritingAsync(CancellationToken cancel) => BeginWritingAsync(datasetId: null, cancel);

    /// <summary>
    /// The same about one dataset: those who write about others go on. It reads and changes no rows but of this dataset, with its snapshots, copies, trees and downloads, and what
    /// nobody decides by: whatever else it needs, such as pools and nodes, does not depend on chains.
    /// </summary>
    /// <param name="datasetId">Null: about any.</param>
    internal async Task<Writing> BeginWritingAsync(long? datasetId, CancellationToken cancel) => await BeginAsync(
        _turns is null ? null : await _turns.TakeBuildingAsync(cancel).ConfigureAwait(false), token => KeepWritersOutAsync(datasetId, token), cancel).ConfigureAwait(false);

    /// <summary>Begins a database transaction in which one chain is moved: others that would move it wait until it ends.</summary>
    internal async Task<Writing> BeginMovingAsync(long chainId, CancellationToken cancel) => await BeginAsync(
        _turns is null ? null : await _turns.TakeMovingAsync(cancel).ConfigureAwait(false), token => KeepChainAsync(chainId, token), cancel).ConfigureAwait(false);

    private async Task<Writing> BeginAsync(IDisposable? turn, Func<CancellationToken, Task> keep, CancellationToken cancel)
    {
        Writing? writing = null;
        try
        {
            writing = new(await Database.BeginTransactionAsync(cancel).ConfigureAwait(false), turn);
            await keep(cancel).ConfigureAwait(false);
            return writing;
        }
        catch
        {
            if (writing is not null)
                await writing.DisposeAsync().ConfigureAwait(false);
            else
                turn?.Dispose();
            throw;
        }
    }

    /// <summary>From the middle of a database transaction on: other writers, or those about one dataset.</summary>
    /// <remarks>In SQLite every transaction keeps other writers out: the library begins it with BEGIN IMMEDIATE.</remarks>
    internal virtual Task KeepWritersOutAsync(long? datasetId, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Carries out what brings the schema up to date while nobody else does such a thing.</summary>
    /// <remarks>A SQLite file has one server, by a lock of its folder.</remarks>
    internal virtual Task MigrateAloneAsync(Func<Task> migrate, CancellationToken cancel) => migrate();

    /// <summary>Keeps a chain for this database transaction.</summary>
    private protected virtual Task KeepChainAsync(long chainId, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>VPSes, kept for this database transaction. Those that others keep in this moment are left out: something is being done to them.</summary>
    internal virtual Task<List<Vps>> KeepVpsesAsync(IReadOnlyList<long> ids, CancellationToken cancel) => Vpses.Where(v => ids.Contains(v.Id)).ToListAsync(cancel);

    /// <summary>Tells the other servers on this database, once the database transaction is committed. Nobody shares a SQLite file.</summary>
    internal virtual Task TellServersAsync(IEnumerable<Chains.ChainNews> news, CancellationToken cancel) => Task.CompletedTask;

    // SQLite can neither order nor compare DateTimeOffset; UTC DateTime it can, and PostgreSQL too.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        // Rows go away because somebody asked for it, never because another row did.
        foreach (var key in modelBuilder.Model.GetEntityTypes().SelectMany(static t => t.GetForeignKeys()))
            key.DeleteBehavior = DeleteBehavior.Restrict;
        modelBuilder.UseOpenIddict();

        modelBuilder.Entity<User>().HasIndex(static u => u.Login).IsUnique();
        modelBuilder.Entity<AuthToken>().HasIndex(static t => t.Digest).IsUnique();
        modelBuilder.Entity<AuthToken>().Property(static t => t.Digest).HasMaxLength(64);
        modelBuilder.Entity<AuthToken>().HasOne(static t => t.User).WithMany().OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<AuthToken>().Property(static t => t.Scope).HasDefaultValue("all");
        modelBuilder.Entity<AuthToken>().HasOne(static t => t.Session).WithMany().OnDelete(DeleteBehavior.SetNull);
        modelBuilder.Entity<UserSession>().HasOne(static s => s.User).WithMany().OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<UserSession>().Property(static s => s.TokenFragment).HasMaxLength(8);
        modelBuilder.Entity<PendingLogin>().HasIndex(static l => l.Digest).IsUnique();
        modelBuilder.Entity<PendingLogin>().Property(static l => l.Digest).HasMaxLength(64);
        modelBuilder.Entity<PendingLogin>().HasOne(static l => l.User).WithMany().OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<TotpDevice>().HasOne(static d => d.User).WithMany().OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<Pool>().HasIndex(static p => new { p.NodeId, p.Filesystem }).IsUnique();
        modelBuilder.Entity<Vps>().HasIndex(static v => v.DatasetId).IsUnique();
        modelBuilder.Entity<Vps>().Property(static v => v.IpAddresses).HasDefaultValue("");
        modelBuilder.Entity<Vps>().Property(static v => v.MaintenanceWindows).HasDefaultValue("");
        modelBuilder.Entity<Node>().Property(static n => n.VpsTemplates).HasDefaultValue("");
        modelBuilder.Entity<VpsStatus>().HasIndex(static s => new { s.VpsId, s.CreatedAt });
        modelBuilder.Entity<VpsStatus>().HasIndex(static s => s.CreatedAt);

        modelBuilder.Entity<Dataset>().HasIndex(static d => d.FullName).IsUnique();
        modelBuilder.Entity<DatasetInPool>().HasIndex(static d => new { d.DatasetId, d.PoolId }).IsUnique();
        modelBuilder.Entity<Snapshot>().HasIndex(static s => new { s.DatasetId, s.CreatedAt });
        modelBuilder.Entity<Snapshot>().HasIndex(static s => s.SnapshotDownloadId).IsUnique();
        modelBuilder.Entity<SnapshotInPool>().HasIndex(static s => new { s.SnapshotId, s.DatasetInPoolId }).IsUnique();
        modelBuilder.Entity<DatasetInPool>().Property(static d => d.MinSnapshots).HasDefaultValue(DatasetInPool.DefaultMinSnapshots).HasSentinel(-1);
        modelBuilder.Entity<DatasetInPool>().Property(static d => d.SnapshotMaxAge).HasDefaultValue(DatasetInPool.DefaultSnapshotMaxAge).HasSentinel(-1);
        modelBuilder.Entity<Dataset>().Property(static d => d.LocalProperties).HasDefaultValue("{}");
        modelBuilder.Entity<Dataset>().Ignore(static d => d.Worked);
        modelBuilder.Entity<DatasetTree>().HasIndex(static t => new { t.DatasetInPoolId, t.Index }).IsUnique();
        modelBuilder.Entity<Branch>().HasIndex(static b => new { b.TreeId, b.Name, b.Index }).IsUnique();
        modelBuilder.Entity<SnapshotInBranch>().HasIndex(static s => s.SnapshotInPoolId).IsUnique();

        // A download outlives its snapshot: the file stays until it expires (spec 2.6).
        modelBuilder.Entity<SnapshotDownload>(static e =>
        {
            e.HasIndex(static d => d.SecretKey).IsUnique();
            e.HasIndex(static d => d.ExpirationDate);
            e.Property(static d => d.SecretKey).HasMaxLength(100);
            e.Property(static d => d.FileName).HasMaxLength(255);
            e.Property(static d => d.Sha256Sum).HasMaxLength(64);
            e.HasOne(static d => d.Snapshot).WithMany().OnDelete(DeleteBehavior.SetNull);
            e.HasOne(static d => d.FromSnapshot).WithMany().OnDelete(DeleteBehavior.SetNull);
        });

        // Lists go by id: an index for each filter that has the id behind it, so that a page costs as much as it is long.
        modelBuilder.Entity<Vps>(static e =>
        {
            e.HasIndex(static v => new { v.State, v.Id });
            e.HasIndex(static v => new { v.UserId, v.Id });
            e.HasIndex(static v => new { v.NodeId, v.Id });
            e.HasIndex(static v => new { v.Template, v.Id });
        });
        modelBuilder.Entity<Dataset>().HasIndex(static d => new { d.UserId, d.Id });
        modelBuilder.Entity<SnapshotDownload>().HasIndex(static d => new { d.UserId, d.Id });
        modelBuilder.Entity<MigrationPlan>().HasIndex(static p => new { p.State, p.Id });
        modelBuilder.Entity<MigrationPlan>().HasIndex(static p => new { p.UserId, p.Id });
        modelBuilder.Entity<VpsMigration>().HasIndex(static m => new { m.PlanId, m.State });
        modelBuilder.Entity<TransactionChain>(static e =>
        {
            e.HasIndex(static c => new { c.State, c.Id });
            e.HasIndex(static c => new { c.Name, c.Id });
            e.HasIndex(static c => new { c.UserId, c.Id });
            e.HasIndex(static c => new { c.SessionId, c.Id });
        });
        modelBuilder.Entity<UserSession>().HasIndex(static s => new { s.UserId, s.Id });
        modelBuilder.Entity<Transaction>(static e =>
        {
            e.HasIndex(static t => new { t.ChainId, t.Position }).IsUnique();
            e.HasIndex(static t => new { t.NodeId, t.Id });
            e.HasIndex(static t => new { t.Type, t.Id });
            e.HasIndex(static t => new { t.State, t.Id });
            e.HasOne(static t => t.Node).WithMany().OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<ChainConcern>(static e =>
        {
            e.HasIndex(static c => new { c.ClassName, c.RowId });
            e.HasOne(static c => c.Chain).WithMany(static c => c.Concerns).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<VpsMigration>().HasOne(static m => m.Plan).WithMany(static p => p.Migrations).OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<SpaceSample>(static e =>
        {
            e.HasOne<Dataset>().WithMany().HasForeignKey(static s => s.DatasetId).OnDelete(DeleteBehavior.Cascade);
            e.HasOne<Pool>().WithMany().HasForeignKey(static s => s.PoolId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(static s => s.At);
            e.HasIndex(static s => new { s.DatasetId, s.At });
            e.HasIndex(static s => new { s.PoolId, s.At });
        });
        modelBuilder.Entity<ResourceLock>().HasIndex(static l => new { l.Resource, l.RowId }).IsUnique();
    }

    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        static value => value.UtcDateTime,
        static value => new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Utc)));
}
