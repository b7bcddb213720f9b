using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using VpsAdmin.Lab;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Data.Postgres;
using VpsAdmin.Server.Tests.Running;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace VpsAdmin.Server.Tests.Running;

/// <summary>
/// What a server of tests keeps its state in: a SQLite file, or a database of a PostgreSQL server of the tests' own. That is said by the project
/// (<c>VpsAdmin.Server.Postgres.Tests</c>), or, for all tests, by <c>VPSADMIN_TESTS_DATABASE=postgresql</c> in the environment.
/// </summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<byte[]>> MigratedFile = new(MigrateFileAsync);

    private readonly string? _name;

    private TestDatabase(DatabaseOptions options, string? name) => (Options, _name) = (options, name);

    public static bool IsPostgreSql { get; } = Environment.GetEnvironmentVariable("VPSADMIN_TESTS_DATABASE") is DatabaseOptions.PostgreSql
        || typeof(TestDatabase).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(static a => a is { Key: "Database", Value: DatabaseOptions.PostgreSql });

    public DatabaseOptions Options { get; }

    /// <summary>An empty one.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        if (!IsPostgreSql)
            return new TestDatabase(new DatabaseOptions(), name: null);
        var name = await PostgresFixture.Current.CreateAsync();
        return new TestDatabase(PostgresFixture.Current.OptionsOf(name), name);
    }

    /// <summary>The schema is made once, and copied: also to a SQLite file, where there is none yet.</summary>
    public static async Task PlaceAsync(string file)
    {
        if (IsPostgreSql || File.Exists(file))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(await MigratedFile.Value);
    }

    private static async Task<byte[]> MigrateFileAsync()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Below("migrated.db");
        await using (var db = Database.Open(new DatabaseOptions(), file))
        {
            await Database.MigrateAsync(db, file, CancellationToken.None);
            // The last connection takes what is in the log into the file.
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        }
        return await File.ReadAllBytesAsync(file);
    }

    /// <summary>The database of a context by another context, with an interceptor. Statements are the server's own: split as there.</summary>
    public static VpsAdminDb Watched(VpsAdminDb db, IInterceptor interceptor)
    {
        var connection = db.Database.GetConnectionString();
        return IsPostgreSql
            ? new PostgresDb(new DbContextOptionsBuilder<PostgresDb>().UseNpgsql(connection, static o => o.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery)).AddInterceptors(interceptor).Options)
            : new VpsAdminDb(new DbContextOptionsBuilder<VpsAdminDb>().UseSqlite(connection, static o => o.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery)).AddInterceptors(interceptor).Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_name is not null)
            await PostgresFixture.Current.DropAsync(_name);
    }
}

/// <summary>The PostgreSQL server of all tests of the assembly, started for the first that wants one.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string Migrated = "migrated";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private PostgresServer? _server;
    private int _count;

    public PostgresFixture() => Current = this;

    internal static PostgresFixture Current { get; private set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Skips the test where there is none to be had.</summary>
    internal async Task<PostgresServer> ServerAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _server ??= await PostgresServer.StartAsync(CancellationToken.None);
            Assert.SkipUnless(_server.Available, _server.Reason ?? "");
            if (_count == 0)
                await MigrateAsync();
            return _server;
        }
        finally
        {
            _gate.Release();
        }
    }

    internal DatabaseOptions OptionsOf(string name) => new(DatabaseOptions.PostgreSql, _server!.ConnectionString(name) + ";Maximum Pool Size=20;Connection Idle Lifetime=10");

    /// <returns>The name of a new database.</returns>
    internal async Task<string> CreateAsync()
    {
        await ServerAsync();
        await _gate.WaitAsync();
        try
        {
            var name = $"test{++_count}";
            await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Migrated}");
            return name;
        }
        finally
        {
            _gate.Release();
        }
    }

    internal async Task DropAsync(string name)
    {
        await using (var connection = new NpgsqlConnection(OptionsOf(name).ConnectionString().ToString()))
            NpgsqlConnection.ClearPool(connection);
        await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>The schema is made once, and copied.</summary>
    private async Task MigrateAsync()
    {
        await ExecuteAsync($"CREATE DATABASE {Migrated}");
        await using (var db = Database.Open(OptionsOf(Migrated), ""))
            await Database.MigrateAsync(db, "", CancellationToken.None);
        await using (var connection = new NpgsqlConnection(OptionsOf(Migrated).ConnectionString().ToString()))
            NpgsqlConnection.ClearPool(connection);
        _count++;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server!.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
