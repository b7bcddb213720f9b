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

    /// <summary>
    /// How many may build chains at once, and how many chains be moved: of a PostgreSQL server's connections the rest is left to whatever else is asked for, however long writers
    /// wait; SQLite has one writer for both.
    /// </summary>
    internal int Writers => IsPostgreSql ? Math.Max(1, MaxPoolSize(Parse()) * 3 / 10) : 1;

    /// <summary>Statements that a connection keeps prepared, unless the settings say otherwise.</summary>
    private const int PreparedStatements = 100;

    private const string Prepared = "Max Auto Prepare";

    /// <summary>
    /// Of a server that is cut off PostgreSQL must not keep transactions and locks: it would hold up all writers of the others for a quarter of an hour (tcp_retries2 in tcp(7)), or for two hours. Silence
    /// is known after 25 seconds, also by a session that waits for a lock, and a server that hangs loses its transaction after a minute.
    /// </summary>
    /// <remarks>
    /// Keepalives are sent only while nothing waits to be acknowledged (RFC 9293, section 3.8.4). When what PostgreSQL answers is what gets lost, there always is something, and the kernel sends it
    /// again and again. TCP_USER_TIMEOUT (RFC 5482; tcp_user_timeout of PostgreSQL, in milliseconds) ends that. A session that works or waits looks at its socket by client_connection_check_interval only
    /// (PostgreSQL 14 and later, on Linux). What a user's settings say comes behind, and counts.
    /// </remarks>
    private const string Losses =
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000 -c client_connection_check_interval=10000 -c idle_in_transaction_session_timeout=60000";

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
        connection.MaxPoolSize = MaxPoolSize(connection);
        // Planning is most of what a short query costs.
        if (!connection.ShouldSerialize(Prepared))
            connection.MaxAutoPrepare = PreparedStatements;
        connection.Options = $"{Losses} {connection.Options}".Trim();
        // A Unix socket has no such thing, and needs none.
        if (connection.Host?.StartsWith('/') is not true)
            (connection.TcpKeepAlive, connection.TcpKeepAliveTime, connection.TcpKeepAliveInterval) = (true, 10, 5);
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

    private static int MaxPoolSize(NpgsqlConnectionStringBuilder connection) => connection.ShouldSerialize(PoolSize) ? connection.MaxPoolSize : Connections;

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
