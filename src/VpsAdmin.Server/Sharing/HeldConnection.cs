using Npgsql;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Sharing;

/// <summary>
/// A connection to PostgreSQL that holds a lock as long as it is there: whoever is cut off must not keep it for hours. PostgreSQL gives the connection
/// up after 25 seconds.
/// </summary>
/// <remarks>
/// Keepalives are sent only while nothing waits to be acknowledged (RFC 9293, section 3.8.4). When what PostgreSQL answers is what gets lost, there
/// always is something, and the kernel sends it again for a quarter of an hour (tcp_retries2 in tcp(7)). TCP_USER_TIMEOUT (RFC 5482; tcp_user_timeout
/// of PostgreSQL, in milliseconds) ends that.
/// </remarks>
internal static class HeldConnection
{
    private const string Options = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000";

    /// <param name="purpose">Tells it from others of the server, for people who look at PostgreSQL.</param>
    public static NpgsqlConnectionStringBuilder Settings(DatabaseOptions database, string purpose)
    {
        var connection = database.ConnectionString();
        (connection.Pooling, connection.Options, connection.ApplicationName) = (false, $"{connection.Options} {Options}".Trim(), $"{connection.ApplicationName} {purpose}");
        // A Unix socket has no such thing, and needs none.
        if (connection.Host?.StartsWith('/') is not true)
            (connection.TcpKeepAlive, connection.TcpKeepAliveTime, connection.TcpKeepAliveInterval) = (true, 10, 5);
        return connection;
    }
}
