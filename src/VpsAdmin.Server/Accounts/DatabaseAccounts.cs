using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <inheritdoc/>
public sealed class DatabaseAccounts(VpsAdminDb db, IPasswordHasher<User> hasher, PasswordCheck passwords, TokenStore tokens, TimeProvider time) : IAccounts
{
    /// <summary>For finding one's phone.</summary>
    private static readonly TimeSpan TimeForCode = TimeSpan.FromMinutes(5);

    private static readonly User Nobody = new() { Login = "", PasswordHash = "", Level = 0, CreatedAt = default };

    // Made once with a password that nobody knows: an unknown login costs the same work as a wrong password.
    private static string? _nobodysHash;

    public async Task<Caller?> VerifyPasswordAsync(string login, string password, Client client, CancellationToken cancel)
    {
        if (await FindUserAsync(login, password, cancel).ConfigureAwait(false) is not { } user || await Devices(user.Id).AnyAsync(cancel).ConfigureAwait(false))
            return null;
        var session = await tokens.NoteAsync(user.Id, client, cancel).ConfigureAwait(false);
        return new Caller(user.Id, user.Login, user.Level, null) { SessionId = session, IsSuspended = user.State is UserState.Suspended };
    }

    public async Task<IssuedToken?> LogInAsync(string login, string password, TokenTerms terms, CancellationToken cancel)
    {
        if (await IdentifyAsync(login, password, terms, cancel).ConfigureAwait(false) is not { } known) return null;
        return known.Held ?? await tokens.IssueAsync(known.UserId, terms, cancel).ConfigureAwait(false);
    }

    /// <summary>The first step of a login of any kind.</summary>
    /// <returns>Null when user or password is wrong; takes equally long in both cases.</returns>
    internal async Task<KnownUser?> IdentifyAsync(string login, string password, TokenTerms terms, CancellationToken cancel)
    {
        if (await FindUserAsync(login, password, cancel).ConfigureAwait(false) is not { } user) return null;
        var held = await Devices(user.Id).AnyAsync(cancel).ConfigureAwait(false) ? await HoldAsync(user.Id, terms, cancel).ConfigureAwait(false) : null;
        return new(user.Id, held);
    }

    public Task<string?> PendingLoginAsync(string interimToken, CancellationToken cancel) =>
        Pending(interimToken).Select(static l => l.User.Login).SingleOrDefaultAsync(cancel);

    public async Task<IssuedToken?> ConfirmCodeAsync(string interimToken, string code, CancellationToken cancel)
    {
        if (await RedeemAsync(interimToken, code, cancel).ConfigureAwait(false) is not { } pending) return null;
        var terms = new TokenTerms(TokenStore.NameOf(pending.Lifetime), pending.Interval)
        {
            Scope = TokenScope.Parse(pending.Scope) ?? throw ActionRefusedException.Refused("invalid token"),
            Client = new Client(pending.ClientAddress, pending.UserAgent),
        };
        return await tokens.IssueAsync(pending.UserId, terms, cancel).ConfigureAwait(false);
    }

    /// <summary>The second step of a login of any kind: the interim token and a code for who it is.</summary>
    /// <returns>Null when the code is wrong; the interim token stays good.</returns>
    /// <exception cref="ActionRefusedException">The interim token is unknown or too old.</exception>
    internal async Task<PendingLogin?> RedeemAsync(string interimToken, string code, CancellationToken cancel)
    {
        var pending = await Pending(interimToken).AsNoTracking().SingleOrDefaultAsync(cancel).ConfigureAwait(false)
                      ?? throw ActionRefusedException.Refused("invalid token");
        if (!await AcceptCodeAsync(Devices(pending.UserId), code, cancel).ConfigureAwait(false)) return null;

        // Whoever deletes it goes on: of two requests with the same interim token one does.
        if (await db.PendingLogins.Where(l => l.Id == pending.Id).ExecuteDeleteAsync(cancel).ConfigureAwait(false) == 0)
            throw ActionRefusedException.Refused("invalid token");
        return pending;
    }

    public Task<Caller?> VerifyTokenAsync(string token, bool extend, CancellationToken cancel) => tokens.VerifyAsync(token, extend, cancel);

    public Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel) => tokens.RenewAsync(tokenId, cancel);

    public Task RevokeTokenAsync(long tokenId, CancellationToken cancel) => tokens.RevokeAsync(tokenId, cancel);

    /// <summary>Whether a code is one of the devices', and has not been used.</summary>
    internal async Task<bool> AcceptCodeAsync(IQueryable<TotpDevice> devices, string code, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var device in await devices.AsNoTracking().ToListAsync(cancel).ConfigureAwait(false))
        {
            // The row decides: of two requests with the same code one comes in.
            if (TotpCodes.StepOf(device.Secret, code, now) is { } step
                && await db.TotpDevices.Where(d => d.Id == device.Id && d.LastStep < step)
                    .ExecuteUpdateAsync(set => set.SetProperty(static d => d.LastStep, step).SetProperty(static d => d.LastUseAt, now), cancel).ConfigureAwait(false) > 0)
                return true;
        }

        return false;
    }

    private async Task<IssuedToken> HoldAsync(long userId, TokenTerms terms, CancellationToken cancel)
    {
        var (token, now) = (TokenStore.NewToken(), time.GetUtcNow());
        var row = new PendingLogin
        {
            UserId = userId, Digest = TokenStore.Digest(token), ValidTo = now + TimeForCode, Lifetime = TokenStore.LifetimeOf(terms.Lifetime), Interval = terms.Interval,
            Scope = terms.Scope.Text, ClientAddress = terms.Client.Address, UserAgent = terms.Client.Agent,
        };
        await db.PendingLogins.Where(l => l.ValidTo <= now).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        db.PendingLogins.Add(row);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return new IssuedToken(token, row.ValidTo) { NextStep = TokenResource.CodeStep };
    }

    private async Task<User?> FindUserAsync(string login, string password, CancellationToken cancel)
    {
        // Nobody's login has a NUL, and PostgreSQL would not even look for it.
        var user = login.Contains('\0', StringComparison.Ordinal) ? null : await db.Users.SingleOrDefaultAsync(u => u.Login == login, cancel).ConfigureAwait(false);
        var hash = user?.PasswordHash ?? (_nobodysHash ??= hasher.HashPassword(Nobody, RandomNumberGenerator.GetHexString(32)));
        var result = await passwords.VerifyAsync(user ?? Nobody, hash, password, cancel).ConfigureAwait(false);
        if (user is null || result is PasswordVerificationResult.Failed)
            return null;
        if (result is PasswordVerificationResult.SuccessRehashNeeded)
        {
            user.PasswordHash = hasher.HashPassword(user, password);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
        return user;
    }

    private IQueryable<PendingLogin> Pending(string interimToken)
    {
        var (digest, now) = (TokenStore.Digest(interimToken), time.GetUtcNow());
        return db.PendingLogins.Where(l => l.Digest == digest && l.ValidTo > now);
    }

    /// <summary>Those whose codes are asked for.</summary>
    private IQueryable<TotpDevice> Devices(long userId) => db.TotpDevices.Where(d => d.UserId == userId && d.Confirmed && d.Enabled);
}

/// <summary>A user whose password was right.</summary>
/// <param name="Held">An interim token, when a code is missing; null: nothing is.</param>
internal sealed record KnownUser(long UserId, IssuedToken? Held);
