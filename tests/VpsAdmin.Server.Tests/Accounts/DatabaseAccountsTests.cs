using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Accounts;

public sealed class DatabaseAccountsTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
    private RunningServer _server = null!;
    private long _joe;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(_time);
        _joe = await _server.AddUserAsync("joe");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_first_administrator_logs_in_with_the_password_of_the_file()
    {
        var file = _server.Installation.Data.AdminPassword;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var password = (await File.ReadAllTextAsync(file, Cancel)).TrimEnd('\n');
        Assert.Equal(24, password.Length);
        var caller = await UseAsync(a => a.VerifyPasswordAsync("admin", password, new("192.0.2.1", null), Cancel));
        Assert.Equal(("admin", 99, null), (caller?.Login, caller?.Level, caller?.TokenId));
    }

    [Fact]
    public async Task Requests_with_a_password_are_noted_as_a_session_for_each_minute_and_client()
    {
        Task<Caller?> AskAsync(string address) => UseAsync(a => a.VerifyPasswordAsync("joe", "joe-password", new(address, "curl"), Cancel));
        var first = await AskAsync("192.0.2.1");
        Assert.Equal(first?.SessionId, (await AskAsync("192.0.2.1"))?.SessionId);
        Assert.NotEqual(first?.SessionId, (await AskAsync("192.0.2.2"))?.SessionId);
        _time.Advance(TimeSpan.FromMinutes(2));
        await AskAsync("192.0.2.1");

        var noted = await _server.QueryAsync(db => db.UserSessions.Where(s => s.UserId == _joe).OrderBy(static s => s.Id).ToListAsync(Cancel));
        Assert.Equal([("basic", "192.0.2.1"), ("basic", "192.0.2.2"), ("basic", "192.0.2.1")], noted.Select(static s => (s.AuthType, s.ClientAddress)));
        Assert.All(noted, static s => Assert.Equal(s.CreatedAt, s.ClosedAt));
    }

    [Fact]
    public async Task A_later_start_keeps_the_password_and_does_not_write_it_again()
    {
        var file = _server.Installation.Data.AdminPassword;
        var password = (await File.ReadAllTextAsync(file, Cancel)).TrimEnd('\n');
        File.Delete(file);
        await _server.RestartAsync();
        Assert.False(File.Exists(file));
        Assert.NotNull(await UseAsync(a => a.VerifyPasswordAsync("admin", password, new("192.0.2.1", null), Cancel)));
    }

    [Fact]
    public async Task Others_can_read_neither_the_folder_nor_the_database()
    {
        var data = _server.Installation.Data;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.Path));
        await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms("fixed", Interval), Cancel));
        foreach (var file in Directory.GetFiles(data.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("joe", "joe-password", true)]
    [InlineData("joe", "wrong", false)]
    [InlineData("joe", "", false)]
    [InlineData("nobody", "joe-password", false)]
    [InlineData("JOE", "joe-password", false)]
    public async Task A_password_is_verified(string login, string password, bool expected) =>
        Assert.Equal(expected, await UseAsync(a => a.VerifyPasswordAsync(login, password, new("192.0.2.1", null), Cancel)) is not null);

    [Fact]
    public void Guessing_a_password_costs_what_OWASP_asks_for()
    {
        // Identity's format: a marker, the function (2: HMAC-SHA512), the number of iterations, the salt's length; big-endian.
        var hash = Convert.FromBase64String(PasswordHashing.Create().HashPassword(null!, "joe-password")).AsSpan();
        Assert.Equal(2u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash[1..]));
        Assert.InRange(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash[5..]), 220_000u, uint.MaxValue);
    }

    [Fact]
    public async Task A_password_that_was_hashed_too_cheaply_is_hashed_anew_at_the_next_login()
    {
        var cheap = PasswordHashing.Create(iterations: 500).HashPassword(null!, "joe-password");
        await _server.QueryAsync(db => db.Users.Where(u => u.Id == _joe).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, cheap), Cancel));
        Assert.Null(await UseAsync(a => a.VerifyPasswordAsync("joe", "wrong", new("192.0.2.1", null), Cancel)));
        Assert.Equal(cheap, await HashAsync());
        Assert.NotNull(await UseAsync(a => a.VerifyPasswordAsync("joe", "joe-password", new("192.0.2.1", null), Cancel)));
        Assert.NotEqual(cheap, await HashAsync());
        Assert.NotNull(await UseAsync(a => a.VerifyPasswordAsync("joe", "joe-password", new("192.0.2.1", null), Cancel)));

        Task<string> HashAsync() => _server.QueryAsync(db => db.Users.Where(u => u.Id == _joe).Select(u => u.PasswordHash).SingleAsync(Cancel));
    }

    [Fact]
    public async Task The_database_does_not_hold_the_token_itself()
    {
        var issued = await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms("permanent", Interval), Cancel));
        Assert.Matches("^[0-9a-f]{100}$", issued!.Token);
        Assert.Null(issued!.ValidTo);
        var row = await _server.QueryAsync(db => db.AuthTokens.SingleAsync(Cancel));
        Assert.Equal(64, row.Digest.Length);
        Assert.DoesNotContain(row.Digest, issued.Token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fixed", false)]
    [InlineData("renewable_manual", false)]
    [InlineData("renewable_auto", true)]
    [InlineData("permanent", true)]
    public async Task A_token_in_use_lives_as_long_as_its_kind(string lifetime, bool outlives)
    {
        var token = (await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms(lifetime, Interval), Cancel)))!.Token;
        for (var minute = 0; minute < 4; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal("joe", (await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)))?.Login);
        }
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(outlives, await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)) is not null);
    }

    [Fact]
    public async Task An_automatically_renewed_token_expires_when_it_is_not_used()
    {
        var token = (await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms("renewable_auto", Interval), Cancel)))!.Token;
        _time.Advance(Interval);
        Assert.Null(await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)));
    }

    [Theory]
    [InlineData("renewable_manual", true)]
    [InlineData("renewable_auto", true)]
    [InlineData("fixed", false)]
    [InlineData("permanent", false)]
    public async Task Only_renewable_tokens_are_renewed(string lifetime, bool renewable)
    {
        var token = (await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms(lifetime, Interval), Cancel)))!.Token;
        _time.Advance(TimeSpan.FromMinutes(4));
        var id = (await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)))!.TokenId!.Value;
        if (renewable)
        {
            Assert.Equal(_time.GetUtcNow() + Interval, await UseAsync(a => a.RenewTokenAsync(id, Cancel)));
            _time.Advance(TimeSpan.FromMinutes(4));
            Assert.NotNull(await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)));
        }
        else
        {
            var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => UseAsync(a => a.RenewTokenAsync(id, Cancel)));
            Assert.Equal("unable to renew token", refused.Message);
        }
    }

    [Fact]
    public async Task A_revoked_token_is_unknown()
    {
        var token = (await UseAsync(a => a.LogInAsync("joe", "joe-password", new TokenTerms("permanent", Interval), Cancel)))!.Token;
        var id = (await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)))!.TokenId!.Value;
        await UseAsync(async a =>
        {
            await a.RevokeTokenAsync(id, Cancel);
            return true;
        });
        Assert.Null(await UseAsync(a => a.VerifyTokenAsync(token, extend: true, Cancel)));
    }

    private Task<T> UseAsync<T>(Func<IAccounts, Task<T>> use) => _server.UseAsync<IAccounts, T>((accounts, _) => use(accounts));
}
