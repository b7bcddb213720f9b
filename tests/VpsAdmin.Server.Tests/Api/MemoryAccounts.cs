using System.Collections.Concurrent;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

/// <summary>Accounts without a database: <c>alice</c> is a user, <c>sue</c> on the support staff, <c>root</c> an administrator.</summary>
internal sealed class MemoryAccounts : IAccounts
{
    public const string Password = "correct horse: battery";

    private static readonly Caller[] Users = [new(7, "alice", 1, null), new(1, "root", 99, null), new(8, "sue", 21, null)];

    private readonly ConcurrentDictionary<long, (string Token, long UserId, TokenTerms Terms)> _tokens = [];
    private long _lastToken;

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public Task<Caller?> VerifyPasswordAsync(string login, string password, Server.Api.Client client, CancellationToken cancel) =>
        Task.FromResult(Users.FirstOrDefault(u => u.Login == login && password == Password));

    public async Task<IssuedToken?> LogInAsync(string login, string password, TokenTerms terms, CancellationToken cancel)
    {
        if (await VerifyPasswordAsync(login, password, terms.Client, cancel) is not { } user) return null;
        var id = Interlocked.Increment(ref _lastToken);
        var token = id.ToString("x100", null);
        _tokens[id] = (token, user.UserId, terms);
        return new IssuedToken(token, terms.Lifetime == "permanent" ? null : Start + terms.Interval);
    }

    public Task<string?> PendingLoginAsync(string interimToken, CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task<IssuedToken?> ConfirmCodeAsync(string interimToken, string code, CancellationToken cancel) => throw new NotSupportedException();

    public Task<Caller?> VerifyTokenAsync(string token, bool extend, CancellationToken cancel) => Task.FromResult(
        _tokens.Where(t => t.Value.Token == token).Select(t => Users.First(u => u.UserId == t.Value.UserId) with { TokenId = t.Key, Scope = t.Value.Terms.Scope }).FirstOrDefault());

    public Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel) => _tokens[tokenId].Terms.Lifetime == "fixed"
        ? throw ActionRefusedException.Refused("unable to renew token")
        : Task.FromResult<DateTimeOffset?>(Start + _tokens[tokenId].Terms.Interval + _tokens[tokenId].Terms.Interval);

    public Task RevokeTokenAsync(long tokenId, CancellationToken cancel)
    {
        _tokens.TryRemove(tokenId, out _);
        return Task.CompletedTask;
    }
}
