using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Sharing;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>A server with a node inside whose connection to PostgreSQL breaks, and what it finds when it is back.</summary>
public sealed class NewsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly LoggedLines<PostgresNews> _log = new();
    private readonly ChainSignals _signals = new();
    private TestDatabase _database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_server_that_came_meanwhile_ends_it_and_it_says_why()
    {
        using var news = new PostgresNews(_database.Options, alone: true, _signals, _time, _log);
        using var other = new PostgresNews(_database.Options, alone: false, new ChainSignals(), TimeProvider.System, NullLogger<PostgresNews>.Instance);
        await news.StartAsync(Cancel);
        await using (var connection = new NpgsqlConnection(_database.Options.ConnectionString().ToString()))
        {
            await connection.OpenAsync(Cancel);
            await using var end = new NpgsqlCommand("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% news'", connection);
            Assert.Equal(true, await end.ExecuteScalarAsync(Cancel));
        }
        await _log.WaitForAsync("are not heard", Cancel).WaitAsync(Limit, Cancel);
        await other.StartAsync(Cancel);

        await PassUntilAsync(news.ExecuteTask!);
        var refused = await Assert.ThrowsAsync<SetupException>(() => news.ExecuteTask!);
        Assert.StartsWith("--pool: another server runs on this database", refused.Message, StringComparison.Ordinal);
        Assert.Same(refused, Assert.Throws<SetupException>(() => ServeCommand.StatusOf([news])));
        await other.StopAsync(Cancel);
    }

    [Fact]
    public async Task What_PostgreSQL_has_not_given_up_yet_is_no_other_server()
    {
        await using var network = new Network((await PostgresFixture.Current.ServerAsync()).TcpConnectionString("postgres"));
        var settings = _database.Options.ConnectionString();
        (settings.Host, settings.Port) = ("127.0.0.1", network.Port);
        using var news = new PostgresNews(_database.Options with { Connection = settings.ToString() }, alone: true, _signals, _time, _log);
        await news.StartAsync(Cancel);
        network.LoseFirst();
        await PassUntilAsync(_log.WaitForAsync("has not given up", Cancel));
        Assert.False(news.ExecuteTask!.IsCompleted);

        var heard = _signals.NextExportEnd;
        network.EndFirst();
        await PassUntilAsync(heard);
        await news.StopAsync(Cancel);
    }

    [Fact]
    public async Task PostgreSQL_gives_up_whoever_is_cut_off_within_seconds()
    {
        var options = _database.Options with { Connection = (await PostgresFixture.Current.ServerAsync()).TcpConnectionString("postgres") };
        using var news = new PostgresNews(options, alone: true, _signals, _time, _log);
        await using var connection = new NpgsqlConnection(news.ConnectionString());
        await connection.OpenAsync(Cancel);
        // In seconds and milliseconds, as the kernel of its machine has them.
        await using var show = new NpgsqlCommand("SELECT current_setting('tcp_keepalives_idle') || ' ' || current_setting('tcp_user_timeout')", connection);
        Assert.Equal("10 25000", await show.ExecuteScalarAsync(Cancel));
    }

    /// <summary>Lets time pass: it tries again each second.</summary>
    private async Task PassUntilAsync(Task task)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    /// <summary>Loses a connection without telling PostgreSQL.</summary>
    private sealed class Network : IAsyncDisposable
    {
        private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly List<(Socket Near, Socket Far)> _connections = [];
        private readonly Task _running;

        public Network(string connection)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _running = RunAsync(new NpgsqlConnectionStringBuilder(connection).Port);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public void LoseFirst() => _connections[0].Near.Dispose();

        public void EndFirst() => _connections[0].Far.Dispose();

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _running;
            foreach (var (near, far) in _connections)
            {
                near.Dispose();
                far.Dispose();
            }
        }

        private async Task RunAsync(int port)
        {
            try
            {
                while (true)
                {
                    var near = await _listener.AcceptAsync();
                    var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await far.ConnectAsync(IPAddress.Loopback, port);
                    _connections.Add((near, far));
                    _ = CopyAsync(near, far);
                    _ = CopyAsync(far, near);
                }
            }
            catch (SocketException)
            {
                // The end of the test.
            }
        }

        private static async Task CopyAsync(Socket from, Socket to)
        {
            try
            {
                await using var source = new NetworkStream(from);
                await using var target = new NetworkStream(to);
                await source.CopyToAsync(target);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // One of the two was lost.
            }
        }
    }
}
