using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <summary>Tokens and the sessions that last as long as they do.</summary>
public sealed class TokenStore(VpsAdminDb db, TimeProvider time)
{
    private const int TokenBytes = 50;
    private const int FragmentLength = 8;
    private const string Basic = "basic";
    private static readonly TimeSpan LastRequestPrecision = TimeSpan.FromMinutes(1);

    public async Task<IssuedToken> IssueAsync(long userId, TokenTerms terms, CancellationToken cancel)
    {
        var (lifetime, now) = (LifetimeOf(terms.Lifetime), time.GetUtcNow());
        var token = NewToken();
        var session = new UserSession
        {
            UserId = userId, AuthType = terms.AuthType, Label = terms.Label ?? terms.Client.Agent ?? "", ClientAddress = terms.Client.Address, UserAgent = terms.Client.Agent,
            Scope = terms.Scope.Text, TokenFragment = token[..FragmentLength], Lifetime = lifetime, Interval = terms.Interval, CreatedAt = now,
        };
        var row = new AuthToken
        {
            UserId = userId, Digest = Digest(token), Lifetime = lifetime, Interval = terms.Interval, Scope = terms.Scope.Text, Session = session,
            ValidTo = lifetime is TokenLifetime.Permanent ? null : now + terms.Interval,
        };
        await EndExpiredAsync(now, cancel).ConfigureAwait(false);
        db.AuthTokens.Add(row);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return new IssuedToken(token, row.ValidTo);
    }

    /// <summary>A login that lasts for a request, or for those of a minute: a session that is closed when it is opened.</summary>
    /// <returns>Its id.</returns>
    internal async Task<long> NoteAsync(long userId, Client client, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var known = await db.UserSessions.Where(s => s.UserId == userId && s.AuthType == Basic && s.ClientAddress == client.Address && s.UserAgent == client.Agent && s.CreatedAt > now - LastRequestPrecision)
            .OrderByDescending(static s => s.Id).Select(static s => (long?)s.Id).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (known is { } id)
            return id;
        var session = new UserSession
        {
            UserId = userId, AuthType = Basic, Label = client.Agent ?? "", ClientAddress = client.Address, UserAgent = client.Agent, Scope = TokenScope.All.Text, TokenFragment = "",
            Lifetime = TokenLifetime.Fixed, Interval = TimeSpan.Zero, CreatedAt = now, LastRequestAt = now, ClosedAt = now,
        };
        db.UserSessions.Add(session);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return session.Id;
    }

    /// <param name="extend">Whether this counts as use of it (<see cref="IAccounts.VerifyTokenAsync"/>).</param>
    public async Task<Caller?> VerifyAsync(string token, bool extend, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var digest = Digest(token);
        var row = await db.AuthTokens.Include(static t => t.User).Include(static t => t.Session).AsNoTracking()
            .SingleOrDefaultAsync(t => t.Digest == digest && (t.ValidTo == null || t.ValidTo > now), cancel).ConfigureAwait(false);
        if (row is null)
            return null;
        if (extend && row.Lifetime is TokenLifetime.RenewableAuto && IsWorthExtending(row, now))
            await ExtendAsync(row.Id, now + row.Interval, cancel).ConfigureAwait(false);
        if (extend && row.Session is { } session && !(now - session.LastRequestAt < LastRequestPrecision))
            await Session(session.Id).ExecuteUpdateAsync(set => set.SetProperty(static s => s.LastRequestAt, now), cancel).ConfigureAwait(false);

        // A scope that this server does not understand (any more) is good for nothing.
        return TokenScope.Parse(row.Scope) is { } scope
            ? new Caller(row.UserId, row.User.Login, row.User.Level, row.Id) { SessionId = row.SessionId, Scope = scope, IsSuspended = row.User.State is UserState.Suspended }
            : null;
    }

    /// <exception cref="ActionRefusedException">The token is not renewable.</exception>
    public async Task<DateTimeOffset?> RenewAsync(long tokenId, CancellationToken cancel)
    {
        var row = await db.AuthTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tokenId, cancel).ConfigureAwait(false);
        if (row is not { Lifetime: TokenLifetime.RenewableManual or TokenLifetime.RenewableAuto })
            throw ActionRefusedException.Refused("unable to renew token");
        var validTo = time.GetUtcNow() + row.Interval;
        await ExtendAsync(tokenId, validTo, cancel).ConfigureAwait(false);
        return validTo;
    }

    public async Task RevokeAsync(long tokenId, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db.UserSessions.Where(s => s.ClosedAt == null && db.AuthTokens.Any(t => t.Id == tokenId && t.SessionId == s.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(static s => s.ClosedAt, now), cancel).ConfigureAwait(false);
        await db.AuthTokens.Where(t => t.Id == tokenId).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>The session's token is worth nothing from now on.</summary>
    public async Task CloseSessionAsync(long sessionId, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db.AuthTokens.Where(t => t.SessionId == sessionId).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        await Session(sessionId).Where(static s => s.ClosedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(static s => s.ClosedAt, now), cancel).ConfigureAwait(false);
    }

    internal static string NewToken() => RandomNumberGenerator.GetHexString(TokenBytes * 2, lowercase: true);

    internal static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    internal static TokenLifetime LifetimeOf(string name) => name switch
    {
        "fixed" => TokenLifetime.Fixed,
        "renewable_manual" => TokenLifetime.RenewableManual,
        "renewable_auto" => TokenLifetime.RenewableAuto,
        "permanent" => TokenLifetime.Permanent,
        _ => throw ActionRefusedException.Invalid("lifetime", $"{name} cannot be used"),
    };

    internal static string NameOf(TokenLifetime lifetime) => lifetime switch
    {
        TokenLifetime.Fixed => "fixed",
        TokenLifetime.RenewableManual => "renewable_manual",
        TokenLifetime.RenewableAuto => "renewable_auto",
        _ => "permanent",
    };

    private async Task EndExpiredAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await db.UserSessions.Where(s => s.ClosedAt == null && db.AuthTokens.Any(t => t.SessionId == s.Id && t.ValidTo <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(static s => s.ClosedAt, now), cancel).ConfigureAwait(false);
        await db.AuthTokens.Where(t => t.ValidTo <= now).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
    }

    private IQueryable<UserSession> Session(long id) => db.UserSessions.Where(s => s.Id == id);

    // Not a write for every request of a busy client: only when a hundredth of the interval has gone by.
    private static bool IsWorthExtending(AuthToken token, DateTimeOffset now) => now + token.Interval - token.ValidTo >= token.Interval / 100;

    private Task<int> ExtendAsync(long tokenId, DateTimeOffset validTo, CancellationToken cancel) =>
        db.AuthTokens.Where(t => t.Id == tokenId).ExecuteUpdateAsync(set => set.SetProperty(static t => t.ValidTo, validTo), cancel);
}
