using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <summary>Somebody has to be able to log in to a new server.</summary>
internal static class FirstAdministrator
{
    public const string Login = "admin";
    private const int Level = 99;
    private const string Alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Makes the administrator when there are no users, with a random password in <paramref name="passwordFile"/>.</summary>
    public static async Task EnsureAsync(VpsAdminDb db, IPasswordHasher<User> hasher, string passwordFile, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Users.AnyAsync(cancel).ConfigureAwait(false))
            return;
        var password = RandomNumberGenerator.GetString(Alphabet, 24);

        // The file first: a user whose password nobody knows would lock everybody out for good.
        await Hosting.OwnerOnlyFile.WriteAsync(passwordFile, password + "\n", cancel).ConfigureAwait(false);
        var admin = new User { Login = Login, PasswordHash = "", FullName = "Administrator", Level = Level, CreatedAt = time.GetUtcNow() };
        admin.PasswordHash = hasher.HashPassword(admin, password);
        db.Users.Add(admin);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }
}
