using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Sharing;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>Who leads knows when it does not any more, and nobody ends because it cannot be found out.</summary>
public sealed class LeadershipTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestDatabase _database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_connection_that_ends_ends_the_term()
    {
        await using var term = await new PostgresLeadership(_database.Options, TimeProvider.System, NullLogger<PostgresLeadership>.Instance).TakeAsync(Cancel);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = term.Lost.Register(lost.SetResult);
        await using (var connection = new NpgsqlConnection(_database.Options.ConnectionString().ToString()))
        {
            await connection.OpenAsync(Cancel);
            await using var end = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% leader'", connection);
            Assert.Equal(true, await end.ExecuteScalarAsync(Cancel));
        }
        await lost.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    [Fact]
    public async Task A_password_that_cannot_be_read_for_a_while_is_waited_for()
    {
        var log = new LoggedLines<PostgresLeadership>();
        var password = _folder.Below("password");
        var taking = new PostgresLeadership(_database.Options with { PasswordFile = password }, TimeProvider.System, log).TakeAsync(Cancel);
        await Task.WhenAny(log.WaitForAsync("", Cancel), taking);
        Assert.False(taking.IsCompleted);
        await using (var file = new StreamWriter(password, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            await file.WriteAsync("secret");
        await using var term = await taking.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.False(term.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_database_gives_up_whoever_is_gone_also_when_its_answers_are_what_gets_lost(bool leads)
    {
        var options = _database.Options with { Connection = (await PostgresFixture.Current.ServerAsync()).TcpConnectionString("postgres") };
        var leadership = new PostgresLeadership(options, TimeProvider.System, NullLogger<PostgresLeadership>.Instance);
        await using var connection = new NpgsqlConnection(leads ? leadership.ConnectionString() : options.ConnectionString().ToString());
        await connection.OpenAsync(Cancel);
        // As the kernel of its machine has it; a session that waits for a lock looks whether it is still wanted; one that stands still in a transaction loses that.
        foreach (var (setting, value) in new[] { ("tcp_user_timeout", "25000"), ("client_connection_check_interval", "10s"), ("idle_in_transaction_session_timeout", "1min") })
        {
            await using var show = new NpgsqlCommand($"SHOW {setting}", connection);
            Assert.StartsWith(value, (string)(await show.ExecuteScalarAsync(Cancel))!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_that_refuses_the_settings_of_a_session_is_told_apart()
    {
        var options = _database.Options with { Connection = $"{(await PostgresFixture.Current.ServerAsync()).TcpConnectionString("postgres")};Options=-c no_such_setting=1" };
        await using var db = Database.Open(options, "");
        var refused = await Assert.ThrowsAsync<SetupException>(() => Database.MigrateAsync(db, "", Cancel));
        Assert.Contains("no_such_setting", refused.Message, StringComparison.Ordinal);
    }
}
