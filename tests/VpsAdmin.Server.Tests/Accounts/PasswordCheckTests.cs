using Microsoft.AspNetCore.Identity;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Tests.Accounts;

/// <summary>Whoever tries to log in, however many, leaves processors to those who have.</summary>
public sealed class PasswordCheckTests : IPasswordHasher<User>, IDisposable
{
    private static readonly User Joe = new() { Login = "joe", PasswordHash = "", Level = 1, CreatedAt = default };

    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _go = new(0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _entered.Dispose();
        _go.Dispose();
    }

    [Fact]
    public async Task Only_some_are_compared_at_once_some_wait_and_the_others_are_sent_away()
    {
        using var check = new PasswordCheck(this);
        var attempts = Enumerable.Range(0, PasswordCheck.AtOnce + 64).Select(_ => check.VerifyAsync(Joe, "", "", Cancel)).ToList();
        for (var i = 0; i < PasswordCheck.AtOnce; i++)
            await _entered.WaitAsync(Cancel);
        Assert.False(await _entered.WaitAsync(TimeSpan.Zero, Cancel));

        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => check.VerifyAsync(Joe, "", "", Cancel));
        Assert.Equal((503, TimeSpan.FromSeconds(5)), (refused.HttpStatus, refused.RetryAfter));

        _go.Release(attempts.Count);
        Assert.All(await Task.WhenAll(attempts), static r => Assert.Equal(PasswordVerificationResult.Success, r));
        // The line is empty again.
        _go.Release();
        Assert.Equal(PasswordVerificationResult.Success, await check.VerifyAsync(Joe, "", "", Cancel));
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_line()
    {
        using var check = new PasswordCheck(this);
        using var enough = new CancellationTokenSource();
        var attempts = Enumerable.Range(0, PasswordCheck.AtOnce).Select(_ => check.VerifyAsync(Joe, "", "", Cancel)).ToList();
        for (var i = 0; i < PasswordCheck.AtOnce; i++)
            await _entered.WaitAsync(Cancel);
        var waiting = Enumerable.Range(0, 64).Select(_ => check.VerifyAsync(Joe, "", "", enough.Token)).ToList();
        await enough.CancelAsync();
        foreach (var attempt in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);

        var next = check.VerifyAsync(Joe, "", "", Cancel);
        _go.Release(attempts.Count + 1);
        await Task.WhenAll([.. attempts, next]);
    }

    string IPasswordHasher<User>.HashPassword(User user, string password) => throw new NotSupportedException();

    PasswordVerificationResult IPasswordHasher<User>.VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        _entered.Release();
        _go.Wait(Cancel);
        return PasswordVerificationResult.Success;
    }
}
