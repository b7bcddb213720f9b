using System.Collections.Concurrent;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>Two users, one password. Tokens are good until a reset.</summary>
internal sealed class FixedAccounts : IAccounts
{
    private const string Password = "pass";

    private static readonly Caller[] Users = [new(1, "user", 1, null), new(2, "admin", 99, null)];

    private readonly ConcurrentDictionary<string, (Caller Owner, TimeSpan Interval)> _tokens = [];

    public void Reset() => _tokens.Clear();

    public Task<Caller?> VerifyPasswordAsync(string login, string password, Client client, CancellationToken cancel) =>
        Task.FromResult(password == Password ? Users.FirstOrDefault(u => u.Login == login) : null);

    public async Task<IssuedToken?> LogInAsync(string login, string password, TokenTerms terms, CancellationToken cancel)
    {
        if (await VerifyPasswordAsync(login, password, terms.Client, cancel) is not { } user) return null;
        var token = $"token-{user.Login}";
        _tokens[token] = (user with { TokenId = user.UserId, Scope = terms.Scope }, terms.Interval);
        return new IssuedToken(token, TimeProvider.System.GetUtcNow() + terms.Interval);
    }

    public Task<string?> PendingLoginAsync(string interimToken, CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task<IssuedToken?> ConfirmCodeAsync(string interimToken, string code, CancellationToken cancel) => Task.FromResult<IssuedToken?>(null);

    public Task<Caller?> VerifyTokenAsync(string token, bool extend, CancellationToken cancel) => Task.FromResult(_tokens.TryGetValue(token, out var known) ? known.Owner : null);

    public Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel) =>
        Task.FromResult<DateTimeOffset?>(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));

    public Task RevokeTokenAsync(long tokenId, CancellationToken cancel)
    {
        foreach (var token in _tokens.Where(t => t.Value.Owner.TokenId == tokenId).Select(t => t.Key)) _tokens.TryRemove(token, out _);
        return Task.CompletedTask;
    }
}
