using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>
/// A HaveAPI token: requested with user and password, restored from an earlier process, or one that the caller has from elsewhere. For one
/// client at a time.
/// </summary>
/// <remarks>
/// A requested token is kept alive as long as calls are made: one that can be renewed is renewed when a quarter of its life is left, one that
/// has ended meanwhile (a transfer may go on for days without a call) is requested anew.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing.")]
public sealed class TokenAuthentication : IAuthentication
{
    private const int MaxLength = 4096;

    private readonly TokenRequest? _request;
    private readonly Action<SavedToken>? _changed;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private TokenOffer? _offer;
    private TimeProvider? _time;
    private volatile State? _state;
    private volatile bool _isRefused;

    private TokenAuthentication(TokenRequest? request, State? state, Action<SavedToken>? changed)
    {
        _request = request;
        _state = state;
        _changed = changed;
    }

    /// <param name="interval">Life of the token, from 1 second to 1 day.</param>
    /// <param name="prompt">Answers further steps of the login; null: they fail with <see cref="LoginStepRequiredException"/>.</param>
    /// <param name="scope">What the token may do, in the server's words; null: everything.</param>
    /// <param name="changed">Told when the token was issued or renewed, to store it; called before the call that it was needed for.</param>
    public static TokenAuthentication Request(
        string user, string password, TokenLifetime lifetime, TimeSpan interval, ILoginPrompt? prompt = null, string? scope = null, Action<SavedToken>? changed = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, TimeSpan.FromDays(1));
        return new TokenAuthentication(new TokenRequest(user, password, lifetime, interval, prompt, scope), null, changed);
    }

    /// <summary>Uses a token that somebody else requested; it is not renewed, and logging out leaves it valid.</summary>
    public static TokenAuthentication Use(string token) => new(null, new State(Checked(token), null, null), null);

    /// <summary>
    /// Goes on with a token of an earlier process: one that can be renewed is, as if this process had requested it; logging out revokes it.
    /// Nothing is asked of the server before the first call.
    /// </summary>
    /// <param name="changed">As for <see cref="Request"/>.</param>
    public static TokenAuthentication Restore(SavedToken saved, Action<SavedToken>? changed = null)
    {
        ArgumentNullException.ThrowIfNull(saved);
        return new TokenAuthentication(null, new State(Checked(saved.Token), saved.ValidTo, new Life(saved.Lifetime, saved.Interval, saved.IssuedAt)), changed);
    }

    /// <summary>UTC; null for a permanent token or one whose life is not known.</summary>
    public DateTimeOffset? ValidTo => _state?.ValidTo;

    /// <summary>The token itself, for a caller that stores it. Never log it.</summary>
    /// <exception cref="InvalidOperationException">Not logged in.</exception>
    public string Token => _state?.Token ?? throw new InvalidOperationException("There is no token: not logged in.");

    /// <summary>What <see cref="Restore"/> takes; null for somebody else's token, and without one.</summary>
    public SavedToken? Saved => _state is { Life: { } life } state
        ? new SavedToken(state.Token, life.Lifetime, life.Interval, life.Since, state.ValidTo)
        : null;

    /// <summary>A hash of the token, which knows its scope as well as its user.</summary>
    public string? Identity => _state is { } state ? $"token:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.Token)))}" : null;

    public async Task<bool> LoginAsync(ILoginSession session, CancellationToken cancel)
    {
        _time = session.Time;
        _offer = TokenOffer.Read(session);
        if (_request is null || _state is not null)
            return false;
        await RequestAsync(_request, session, cancel).ConfigureAwait(false);
        return true;
    }

    public async Task RenewAsync(ILoginSession session, CancellationToken cancel)
    {
        if (!IsDue())
            return;
        await _renewing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!IsDue())
                return;
            if (_request is not null && IsOver(_state!.Life!))
                await RequestAsync(_request, session, cancel).ConfigureAwait(false);
            else
                await ProlongAsync(session, cancel).ConfigureAwait(false);
        }
        finally
        {
            _renewing.Release();
        }
    }

    public void Authenticate(HttpRequestMessage request)
    {
        if (_state is not { } state || _offer is not { } offer)
            return;
        request.Headers.TryAddWithoutValidation(offer.Header, state.Token);
        // The server prolongs it by the use.
        if (state.Life is { Lifetime: TokenLifetime.RenewableAuto } life && _time!.GetUtcNow() is var now)
            Interlocked.CompareExchange(ref _state, state with { Life = life with { Since = now }, ValidTo = now + life.Interval }, state);
    }

    public async Task LogoutAsync(ILoginSession session, CancellationToken cancel)
    {
        if (_state is not { Life: not null })
            return;
        try
        {
            await session.CallAsync(_offer!.Action("revoke"), [], authenticated: true, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (e.IsUnauthorized)
        {
            // It has ended by itself.
        }
        _state = null;
    }

    /// <summary>True for a value that fits into a header as it is.</summary>
    internal static bool CanBeSent(string? token) => token is { Length: > 0 and <= MaxLength } && token.All(c => c is > ' ' and < '\x7f');

    private static string Checked(string token) => CanBeSent(token)
        ? token
        : throw new ArgumentException("The token is empty, too long, or has characters that a header cannot carry.", nameof(token));

    private async Task RequestAsync(TokenRequest request, ILoginSession session, CancellationToken cancel)
    {
        var asked = session.Time.GetUtcNow();
        var token = await request.SendAsync(session, _offer!, cancel).ConfigureAwait(false);
        Change(new State(token.Value, token.ValidTo, new Life(request.Lifetime, request.Interval, asked)));
    }

    private async Task ProlongAsync(ILoginSession session, CancellationToken cancel)
    {
        var state = _state!;
        var asked = session.Time.GetUtcNow();
        try
        {
            var reply = await session.CallAsync(_offer!.Action("renew"), [], authenticated: true, cancel).ConfigureAwait(false);
            Change(state with { ValidTo = new ObjectReader("token", reply.Object).OptionalTime("valid_to"), Life = state.Life! with { Since = asked } });
        }
        catch (ActionFailedException)
        {
            // It was revoked, it has ended, or it cannot be renewed after all. User and password get another one; without them the
            // call that comes says what is wrong, and no later one tries this again.
            if (_request is not null)
                await RequestAsync(_request, session, cancel).ConfigureAwait(false);
            else
                _isRefused = true;
        }
    }

    private void Change(State state)
    {
        _state = state;
        _changed?.Invoke(Saved!);
    }

    /// <summary>
    /// By the time since we got it, not by the server's <c>valid_to</c>: the two clocks may differ by more than the token's life. Not by a
    /// monotonic clock either: some stand still while the machine sleeps.
    /// </summary>
    private bool IsDue() => _state?.Life is { } life && life.Lifetime switch
    {
        TokenLifetime.Permanent => false,
        TokenLifetime.RenewableManual => !_isRefused && Age(life) >= life.Interval * 0.75,
        _ => _request is not null && IsOver(life),
    };

    private bool IsOver(Life life) => Age(life) >= life.Interval;

    private TimeSpan Age(Life life) => _time!.GetUtcNow() - life.Since;

    /// <param name="Since">When we asked, by our clock.</param>
    private sealed record Life(TokenLifetime Lifetime, TimeSpan Interval, DateTimeOffset Since);

    /// <param name="Life">Null: somebody else's token.</param>
    private sealed record State(string Token, DateTimeOffset? ValidTo, Life? Life)
    {
        /// <summary>A record would print the token.</summary>
        public override string ToString() => nameof(State);
    }
}
