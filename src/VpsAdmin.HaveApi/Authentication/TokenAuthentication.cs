using System.Diagnostics.CodeAnalysis;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>A HaveAPI token: requested with user and password, or one that the caller already has. For one client at a time.</summary>
/// <remarks>
/// A requested token is kept alive as long as calls are made: one that can be renewed is renewed when a quarter of its life is left, one that
/// has ended meanwhile (a transfer may go on for days without a call) is requested anew.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing.")]
public sealed class TokenAuthentication : IAuthentication
{
    private const int MaxLength = 4096;

    private readonly TokenRequest? _request;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private TokenOffer? _offer;
    private TimeProvider? _time;
    private volatile State? _state;

    private TokenAuthentication(TokenRequest? request, State? state)
    {
        _request = request;
        _state = state;
    }

    /// <param name="interval">Life of the token, from 1 second to 1 day.</param>
    public static TokenAuthentication Request(string user, string password, TokenLifetime lifetime, TimeSpan interval)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, TimeSpan.FromDays(1));
        return new TokenAuthentication(new TokenRequest(user, password, lifetime, interval), null);
    }

    /// <summary>Uses a token that somebody else requested; logging out leaves it valid.</summary>
    public static TokenAuthentication Use(string token) => CanBeSent(token)
        ? new TokenAuthentication(null, new State(token, null, null))
        : throw new ArgumentException("The token is empty, too long, or has characters that a header cannot carry.", nameof(token));

    /// <summary>UTC; null for a permanent token or one whose life is not known.</summary>
    public DateTimeOffset? ValidTo => _state?.ValidTo;

    /// <summary>The token itself, for a caller that stores it. Never log it.</summary>
    /// <exception cref="InvalidOperationException">Not logged in.</exception>
    public string Token => _state?.Token ?? throw new InvalidOperationException("There is no token: not logged in.");

    public async Task LoginAsync(ILoginSession session, CancellationToken cancel)
    {
        _time = session.Time;
        _offer = TokenOffer.Read(session);
        if (_request is not null)
            await RequestAsync(_request, session, cancel).ConfigureAwait(false);
    }

    public async Task RenewAsync(ILoginSession session, CancellationToken cancel)
    {
        if (_request is not { } request || !IsDue(request))
            return;
        await _renewing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!IsDue(request))
                return;
            if (!IsOver(request))
                await ProlongAsync(request, session, cancel).ConfigureAwait(false);
            else
                await RequestAsync(request, session, cancel).ConfigureAwait(false);
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
        if (_request?.Lifetime == TokenLifetime.RenewableAuto && _time!.GetUtcNow() is var now)
            Interlocked.CompareExchange(ref _state, state with { Since = now, ValidTo = now + _request.Interval }, state);
    }

    public async Task LogoutAsync(ILoginSession session, CancellationToken cancel)
    {
        if (_request is null || _state is null)
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

    private async Task RequestAsync(TokenRequest request, ILoginSession session, CancellationToken cancel)
    {
        var asked = session.Time.GetUtcNow();
        var token = await request.SendAsync(session, _offer!, cancel).ConfigureAwait(false);
        _state = new State(token.Value, token.ValidTo, asked);
    }

    private async Task ProlongAsync(TokenRequest request, ILoginSession session, CancellationToken cancel)
    {
        var state = _state!;
        var asked = session.Time.GetUtcNow();
        try
        {
            var reply = await session.CallAsync(_offer!.Action("renew"), [], authenticated: true, cancel).ConfigureAwait(false);
            _state = state with { ValidTo = new ObjectReader("token", reply.Object).OptionalTime("valid_to"), Since = asked };
        }
        catch (ActionFailedException)
        {
            // It was revoked, or it cannot be renewed after all. User and password get another one.
            await RequestAsync(request, session, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// By the time since we got it, not by the server's <c>valid_to</c>: the two clocks may differ by more than the token's life. Not by a
    /// monotonic clock either: some stand still while the machine sleeps.
    /// </summary>
    private bool IsDue(TokenRequest request) => request.Lifetime switch
    {
        TokenLifetime.Permanent => false,
        TokenLifetime.RenewableManual => Age() >= request.Interval * 0.75,
        _ => IsOver(request),
    };

    private bool IsOver(TokenRequest request) => Age() >= request.Interval;

    private TimeSpan Age() => _state?.Since is { } since ? _time!.GetUtcNow() - since : TimeSpan.Zero;

    /// <param name="Since">When we asked, by our clock; null: somebody else's token.</param>
    private sealed record State(string Token, DateTimeOffset? ValidTo, DateTimeOffset? Since)
    {
        /// <summary>A record would print the token.</summary>
        public override string ToString() => nameof(State);
    }
}
