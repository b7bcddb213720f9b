using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <inheritdoc/>
public sealed class DatabaseAccounts(VpsAdminDb db, IPasswordHasher<User> hasher, TimeProvider time) : IAccounts
{
    private const int TokenBytes = 50;

    private static readonly User Nobody = new() { Login = "", PasswordHash = "", Level = 0, CreatedAt = default };

    // Made once with a password that nobody knows: an unknown login costs the same work as a wrong password.
    private static string? _nobodysHash;

    public async Task<Caller?> VerifyPasswordAsync(string login, string password, CancellationToken cancel)
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Login == login, cancel).ConfigureAwait(false);
        var hash = user?.PasswordHash ?? (_nobodysHash ??= hasher.HashPassword(Nobody, RandomNumberGenerator.GetHexString(32)));
        var result = hasher.VerifyHashedPassword(user ?? Nobody, hash, password);
        if (user is null || result is PasswordVerificationResult.Failed)
            return null;
        if (result is PasswordVerificationResult.SuccessRehashNeeded)
        {
            user.PasswordHash = hasher.HashPassword(user, password);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
        return new Caller(user.Id, user.Login, user.Level, null);
    }

    public async Task<IssuedToken> IssueTokenAsync(long userId, string lifetime, TimeSpan interval, CancellationToken cancel)
    {
        var kind = lifetime switch
        {
            "fixed" => TokenLifetime.Fixed,
            "renewable_manual" => TokenLifetime.RenewableManual,
            "renewable_auto" => TokenLifetime.RenewableAuto,
            "permanent" => TokenLifetime.Permanent,
            _ => throw ActionRefusedException.Invalid("lifetime", $"{lifetime} cannot be used"),
        };
        var now = time.GetUtcNow();
        var token = RandomNumberGenerator.GetHexString(TokenBytes * 2, lowercase: true);
        var row = new AuthToken
        {
            UserId = userId, Digest = Digest(token), Lifetime = kind, Interval = interval, ValidTo = kind is TokenLifetime.Permanent ? null : now + interval,
        };
        await db.AuthTokens.Where(t => t.ValidTo <= now).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        db.AuthTokens.Add(row);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return new IssuedToken(token, row.ValidTo);
    }

    public async Task<Caller?> VerifyTokenAsync(string token, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var digest = Digest(token);
        var row = await db.AuthTokens.Include(static t => t.User).AsNoTracking()
            .SingleOrDefaultAsync(t => t.Digest == digest && (t.ValidTo == null || t.ValidTo > now), cancel).ConfigureAwait(false);
        if (row is null)
            return null;
        if (row.Lifetime is TokenLifetime.RenewableAuto && IsWorthExtending(row, now))
            await ExtendAsync(row.Id, now + row.Interval, cancel).ConfigureAwait(false);
        return new Caller(row.UserId, row.User.Login, row.User.Level, row.Id);
    }

    public async Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel)
    {
        var row = await db.AuthTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tokenId, cancel).ConfigureAwait(false);
        if (row is not { Lifetime: TokenLifetime.RenewableManual or TokenLifetime.RenewableAuto })
            throw ActionRefusedException.Refused("unable to renew token");
        var validTo = time.GetUtcNow() + row.Interval;
        await ExtendAsync(tokenId, validTo, cancel).ConfigureAwait(false);
        return validTo;
    }

    public Task RevokeTokenAsync(long tokenId, CancellationToken cancel) =>
        db.AuthTokens.Where(t => t.Id == tokenId).ExecuteDeleteAsync(cancel);

    // Not a write for every request of a busy client: only when a hundredth of the interval has gone by.
    private static bool IsWorthExtending(AuthToken token, DateTimeOffset now) => now + token.Interval - token.ValidTo >= token.Interval / 100;

    private Task<int> ExtendAsync(long tokenId, DateTimeOffset validTo, CancellationToken cancel) =>
        db.AuthTokens.Where(t => t.Id == tokenId).ExecuteUpdateAsync(set => set.SetProperty(static t => t.ValidTo, validTo), cancel);

    private static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
