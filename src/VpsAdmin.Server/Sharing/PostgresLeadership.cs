using System.Globalization;
using Npgsql;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Sharing;

/// <summary>
/// An advisory lock of PostgreSQL, held by a connection of its own: it is free in the moment in which its holder dies. A holder whose connection is
/// cut off knows that first: it asks every two seconds and gives up when there is no answer for five, long before PostgreSQL does (<see cref="HeldConnection"/>).
/// </summary>
internal sealed class PostgresLeadership(DatabaseOptions database, TimeProvider time, ILogger<PostgresLeadership> log) : ILeadership
{
    private const long Leading = 0x7670_7361_646D_0002;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);
    private const int PatienceSeconds = 5;

    public async Task<ITerm> TakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = new NpgsqlConnection(ConnectionString());
                await connection.OpenAsync(cancel).ConfigureAwait(false);
                // Waits for the one that leads.
                var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock({Leading})"), connection) { CommandTimeout = 0 };
                await using (command.ConfigureAwait(false))
                    await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                return new Term(connection, time, log);
            }
            catch (Exception e)
            {
                if (connection is not null)
                    await connection.DisposeAsync().ConfigureAwait(false);
                // Whatever it is, such as a password that cannot be read: this server goes on to serve, and another may run chains.
                if (cancel.IsCancellationRequested)
                    throw;
                log.LogWarning("Whether this server is to run chains cannot be found out: {Reason}", e.Message);
                await Task.Delay(Beat, time, cancel).ConfigureAwait(false);
            }
        }
    }

    internal string ConnectionString() => HeldConnection.Settings(database, "leader").ToString();

    private sealed class Term : ITerm
    {
        private readonly CancellationTokenSource _lost = new();
        private readonly CancellationTokenSource _end = new();
        private readonly NpgsqlConnection _connection;
        private readonly Task _watch;

        public Term(NpgsqlConnection connection, TimeProvider time, ILogger log)
        {
            _connection = connection;
            _watch = WatchAsync(time, log);
        }

        public CancellationToken Lost => _lost.Token;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await _watch.ConfigureAwait(false);
            await _connection.DisposeAsync().ConfigureAwait(false);
            _end.Dispose();
            _lost.Dispose();
        }

        private async Task WatchAsync(TimeProvider time, ILogger log)
        {
            try
            {
                using var beat = new PeriodicTimer(Beat, time);
                while (await beat.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
                {
                    var command = new NpgsqlCommand("SELECT 1", _connection) { CommandTimeout = PatienceSeconds };
                    await using (command.ConfigureAwait(false))
                        await command.ExecuteNonQueryAsync(_end.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                // The end that was asked for.
            }
            catch (Exception e)
            {
                // Nobody watches any more, whatever the reason.
                await _lost.CancelAsync().ConfigureAwait(false);
                log.LogWarning("The database does not answer whoever runs chains: {Reason}", e.Message);
            }
        }
    }
}
