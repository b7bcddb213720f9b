using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <param name="Level">From 1 to 99; see <see cref="User.Level"/>.</param>
internal sealed record NewUser(string Login, string? FullName, string? Email, int Level);

/// <summary>A user cannot be added like that.</summary>
internal sealed class BadUserException(string parameter, string message) : Exception(message)
{
    /// <summary>What is wrong, as the API calls it.</summary>
    public string Parameter { get; } = parameter;
}

/// <summary>Adds users and changes passwords, for the API and for the command line.</summary>
internal sealed partial class UserAddition(VpsAdminDb db, IPasswordHasher<User> hasher, TimeProvider time)
{
    private const int ShortestPassword = 8;
    private const int LongestPassword = 1024;

    /// <exception cref="BadUserException">Something is not as it has to be, or the login is taken.</exception>
    public async Task<User> AddAsync(NewUser user, string password, CancellationToken cancel)
    {
        if (!LoginPattern().IsMatch(user.Login))
            throw new BadUserException("login", "must be letters, digits, dots, dashes and underscores");
        if (user.Email is not null && !IsAddress(user.Email))
            throw new BadUserException("email", "is not an address");
        if (user.Level is < 1 or > 99)
            throw new BadUserException("level", "must be from 1 to 99");
        CheckPassword(password);
        if (await db.Users.AnyAsync(u => u.Login == user.Login, cancel).ConfigureAwait(false))
            throw new BadUserException("login", "is taken");

        var row = new User { Login = user.Login, PasswordHash = "", FullName = user.FullName, Email = user.Email, Level = user.Level, CreatedAt = time.GetUtcNow() };
        row.PasswordHash = hasher.HashPassword(row, password);
        db.Users.Add(row);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return row;
    }

    /// <summary>Who holds a token of the user has to log in anew.</summary>
    /// <exception cref="BadUserException">There is no such user, or the password is too short.</exception>
    public async Task<User> ChangePasswordAsync(string login, string password, CancellationToken cancel)
    {
        CheckPassword(password);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Login == login, cancel).ConfigureAwait(false) ?? throw new BadUserException("login", "is nobody's");
        user.PasswordHash = hasher.HashPassword(user, password);
        foreach (var session in await db.UserSessions.Where(s => s.UserId == user.Id && s.ClosedAt == null).ToListAsync(cancel).ConfigureAwait(false))
            session.ClosedAt = time.GetUtcNow();
        db.AuthTokens.RemoveRange(await db.AuthTokens.Where(t => t.UserId == user.Id).ToListAsync(cancel).ConfigureAwait(false));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return user;
    }

    /// <summary>Whether mail can go there.</summary>
    public static bool IsAddress(string text) => MailboxAddress.TryParse(text, out _);

    private static void CheckPassword(string password)
    {
        if (password.Length is < ShortestPassword or > LongestPassword)
            throw new BadUserException("password", $"must have {ShortestPassword} characters or more");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}\z")]
    private static partial Regex LoginPattern();
}
