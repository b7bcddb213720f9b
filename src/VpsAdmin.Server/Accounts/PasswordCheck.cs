using Microsoft.AspNetCore.Identity;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts;

/// <summary>
/// Compares passwords with what is kept of them, which is made to take long: by half of the processors, so that nobody who only tries to log in takes all of
/// them from those who have.
/// </summary>
public sealed class PasswordCheck(IPasswordHasher<User> hasher) : IDisposable
{
    /// <summary>Some seconds' work for one processor; who comes behind them is sent away at once.</summary>
    private const int LongestLine = 64;

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _free = new(AtOnce, AtOnce);
    private int _here;

    /// <summary>How many are compared at once.</summary>
    internal static int AtOnce { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <exception cref="ActionRefusedException">Too many wait already: HTTP 503, with the time to wait.</exception>
    public async Task<PasswordVerificationResult> VerifyAsync(User user, string hash, string password, CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Increment(ref _here) > LongestLine + AtOnce)
                throw Refusals.TooManyLogins(TryAgain);
            await _free.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => hasher.VerifyHashedPassword(user, hash, password), cancel).ConfigureAwait(false);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _here);
        }
    }

    public void Dispose() => _free.Dispose();
}
