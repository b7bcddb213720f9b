using Npgsql;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Sharing;

/// <summary>A connection to PostgreSQL that holds a lock as long as it is there, or listens; none that anybody else gets.</summary>
internal static class HeldConnection
{
    /// <param name="purpose">Tells it from others of the server, for people who look at PostgreSQL.</param>
    public static NpgsqlConnectionStringBuilder Settings(DatabaseOptions database, string purpose)
    {
        var connection = database.ConnectionString();
        (connection.Pooling, connection.ApplicationName) = (false, $"{connection.ApplicationName} {purpose}");
        return connection;
    }
}
