using Npgsql;
using VpsAdmin.Node;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Data;

/// <summary>Where the server keeps its state.</summary>
/// <param name="Provider"><c>sqlite</c>: a file in the server's folder; <c>postgresql</c>: a database that several servers may share.</param>
/// <param name="Connection">Of a PostgreSQL server, such as <c>Host=db.example.org;Database=vpsadmin;Username=vpsadmin</c>; without a password.</param>
/// <param name="PasswordFile">File with the password of the connection's user, readable by the server only; null: none is needed.</param>
public sealed record DatabaseOptions(string Provider = DatabaseOptions.Sqlite, string? Connection = null, string? PasswordFile = null)
{
    public const string Sqlite = "sqlite";
    public const string PostgreSql = "postgresql";

    public bool IsPostgreSql => Provider is PostgreSql;

    /// <summary>
    /// Most connections of a server, unless the settings say otherwise: PostgreSQL allows 100 unless its settings say otherwise, and two servers and somebody who looks
    /// are to find room. A request that finds none waits for one; one that PostgreSQL has no room for fails.
    /// </summary>
    internal const int Connections = 40;

    private const string PoolSize = "Maximum Pool Size";

    /// <summary>Of the settings, the one that says where the database is.</summary>
    internal string Setting => IsPostgreSql ? "database:connection" : "--data";

    /// <summary>From the section <c>database</c> of the settings.</summary>
    /// <exception cref="SetupException">A value cannot be right.</exception>
    internal static DatabaseOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection("database").Get<DatabaseOptions>() ?? new();
        options.Check();
        return options;
    }

    /// <exception cref="SetupException">Something is missing or cannot be right.</exception>
    public void Check()
    {
        if (Provider is not (Sqlite or PostgreSql))
            throw new SetupException($"database:provider: '{Provider}' is neither {Sqlite} nor {PostgreSql}.");
        if (IsPostgreSql != Connection is not null)
            throw new SetupException($"database:connection: it goes with database:provider {PostgreSql}, and only with it.");
        if (IsPostgreSql && Parse().Password is not null)
            throw new SetupException("database:connection: the password is among the settings, where everybody can read it; put it into a file, and name that in database:passwordfile.");
    }

    /// <exception cref="SetupException">The password cannot be read.</exception>
    internal NpgsqlConnectionStringBuilder ConnectionString()
    {
        var connection = Parse();
        connection.ApplicationName ??= "vpsadmin-server";
        if (!connection.ShouldSerialize(PoolSize))
            connection.MaxPoolSize = Connections;
        if (PasswordFile is null)
            return connection;
        try
        {
            connection.Password = SecretFile.Read(PasswordFile);
            return connection;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"database:passwordfile: '{PasswordFile}' cannot be read: {e.Message}", e);
        }
    }

    private NpgsqlConnectionStringBuilder Parse()
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(Connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new SetupException($"database:connection: '{Connection}' cannot be understood: {e.Message}", e);
        }
    }
}
