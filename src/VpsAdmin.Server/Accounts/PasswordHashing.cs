using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <summary>How passwords are kept: PBKDF2 with HMAC-SHA512 and a salt of 128 bits.</summary>
internal static class PasswordHashing
{
    // OWASP's figure for this function (Password Storage Cheat Sheet). Hashes made with fewer are made anew at the next login.
    private const int Iterations = 220_000;

    public static IPasswordHasher<User> Create(int iterations = Iterations) =>
        new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
}
