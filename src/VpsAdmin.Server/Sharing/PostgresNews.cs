using Npgsql;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Sharing;

/// <summary>Hears what the other servers on the database do (<see cref="VpsAdminDb.TellServersAsync"/>). A connection that breaks may have missed something, and so everybody looks.</summary>
/// <param name="alone">There must be no other: the node in this process gets its work from this process only.</param>
internal sealed class PostgresNews(DatabaseOptions database, bool alone, ChainSignals signals, TimeProvider time, ILogger<PostgresNews> log) : BackgroundService
{
    private const long Sharing = 0x7670_7361_646D_0003;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Seconds without a word after which the connection is tried.</summary>
    private const int KeepAlive = 5;

    private NpgsqlConnection? _first;

    /// <summary>The process at PostgreSQL that had the lock for this server last: it may have it for a while after the connection broke.</summary>
    private int _holder;

    /// <summary>This server must not run beside another, and another attempt would find nothing else.</summary>
    private bool _refused;

    /// <remarks>Others are heard before anything is done here.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _first = await ListenAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connection = _first;
        while (true)
        {
            try
            {
                if (connection is null)
                {
                    connection = await ListenAsync(stoppingToken).ConfigureAwait(false);
                    signals.HeardNothing();
                }
                while (true)
                    await connection.WaitAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!_refused && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Other servers are not heard for a while: {Reason}", e.Message);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(false);
            }
            finally
            {
                if (connection is not null)
                    await connection.DisposeAsync().ConfigureAwait(false);
                connection = null;
            }
        }
    }

    internal string ConnectionString()
    {
        var connection = HeldConnection.Settings(database, "news");
        connection.KeepAlive = KeepAlive;
        return connection.ToString();
    }

    private async Task<NpgsqlConnection> ListenAsync(CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(ConnectionString());
        try
        {
            connection.Notification += (_, told) =>
            {
                if (ChainNews.Parse(told.Payload) is { } news)
                    signals.Hear(news);
            };
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            var command = new NpgsqlCommand($"LISTEN {ChainNews.Channel}", connection);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            await ShareAsync(connection, cancel).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Held as long as the connection.</summary>
    /// <exception cref="SetupException">There is another server, and one of the two has a node inside.</exception>
    private async Task ShareAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (await IsAsync($"SELECT pg_try_advisory_lock{(alone ? "" : "_shared")}({Sharing})").ConfigureAwait(false))
        {
            _holder = connection.ProcessID;
            return;
        }
        if (_holder != 0 && !await IsAsync($"""
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {Sharing >> 32} AND objid = {Sharing & uint.MaxValue} AND pid <> {_holder}
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """).ConfigureAwait(false))
            throw new TimeoutException("PostgreSQL has not given up the connection that broke yet.");
        _refused = true;
        throw new SetupException(alone
            ? "--pool: another server runs on this database, and would never hand work to a node in this process. Run the pool with vpsadmin-node, and servers without --pool."
            : "--pool: a server with a node inside runs on this database, and no other can run beside it. Start it without --pool, and run its pool with vpsadmin-node.");

        async Task<bool> IsAsync(FormattableString sql)
        {
            var command = new NpgsqlCommand(FormattableString.Invariant(sql), connection);
            await using var _ = command.ConfigureAwait(false);
            return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is true;
        }
    }
}
