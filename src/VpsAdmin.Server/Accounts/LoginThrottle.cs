using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Hosting.Telemetry;

namespace VpsAdmin.Server.Accounts;

/// <summary>
/// Slows down who guesses passwords and codes. Failures count for an account as seen from one address, so that nobody is locked out by
/// somebody elsewhere, and for an address over all accounts, against one password tried on many. Kept in memory: a restart forgives.
/// </summary>
/// <param name="meters">Who counts failures; null: nobody.</param>
public sealed class LoginThrottle(TimeProvider time, IMeterFactory? meters = null)
{
    private const int FreeForAccount = 5;
    private const int FreeForAddress = 50;
    private const int MostKept = 10_000;
    private const int LongestLogin = 64;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>Failures older than this are forgotten.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(30);

    private readonly Counter<long>? _counter = meters?.Create(TelemetryHosting.Name).CreateCounter<long>("vpsadmin.logins.failed", description: "Logins with a wrong user, password or code");
    private readonly LoginTurns _turns = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Login, string Network), Failures> _failures = [];

    /// <summary>
    /// Begins an attempt. Those for one account from one network come one after another, so that many at once are counted before they are let in, as those in
    /// turn are. Dispose it when the attempt has <see cref="Failed"/> or <see cref="Succeeded"/>.
    /// </summary>
    /// <exception cref="ActionRefusedException">Not yet: HTTP 429, with the time to wait.</exception>
    public async Task<IDisposable> BeginAsync(string login, string address, CancellationToken cancel)
    {
        var turn = await _turns.TakeAsync((Short(login), Network(address)), cancel).ConfigureAwait(false);
        try
        {
            Check(login, address);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <exception cref="ActionRefusedException">Not yet: HTTP 429, with the time to wait.</exception>
    public void Check(string login, string address)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var until = Keys(login, address).Select(key => _failures.GetValueOrDefault(key).Until).Max();
            if (until > now) throw Refusals.TooManyFailures(until - now);
        }
    }

    public void Failed(string login, string address)
    {
        _counter?.Add(1);
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_failures.Count >= MostKept) Forget(now);
            foreach (var key in Keys(login, address))
            {
                var before = _failures.GetValueOrDefault(key);
                var count = now - before.Last > Memory ? 1 : before.Count + 1;
                _failures[key] = new Failures(count, now, now + Wait(count, key.Login is null ? FreeForAddress : FreeForAccount));
            }
        }
    }

    /// <summary>Whoever knows the password was the one who mistyped it. The address stays under suspicion: its owner may have an account too.</summary>
    public void Succeeded(string login, string address)
    {
        lock (_lock) _failures.Remove((Short(login), Network(address)));
    }

    /// <summary>None for the first failures, then twice as long each time.</summary>
    private static TimeSpan Wait(int count, int free)
    {
        if (count < free) return TimeSpan.Zero;
        var wait = FirstWait * Math.Pow(2, Math.Min(count - free, 20));
        return wait < LongestWait ? wait : LongestWait;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, _) in _failures.Where(f => now - f.Value.Last > Memory).ToList()) _failures.Remove(key);

        // More than that is an attack from many networks: the oldest are the least worth keeping.
        foreach (var (key, _) in _failures.OrderBy(f => f.Value.Last).Take(Math.Max(0, _failures.Count - (MostKept / 2))).ToList()) _failures.Remove(key);
    }

    private static (string? Login, string Network)[] Keys(string login, string address) => [(Short(login), Network(address)), (null, Network(address))];

    /// <summary>Whoever sends a megabyte as a name does not get it kept.</summary>
    private static string Short(string login) => login.Length <= LongestLogin ? login : login[..LongestLogin];

    /// <summary>Of IPv6 a customer has a whole /64.</summary>
    private static string Network(string address) =>
        IPAddress.TryParse(address, out var parsed) && parsed is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? Convert.ToHexString(parsed.GetAddressBytes()[..8])
            : address;

    private readonly record struct Failures(int Count, DateTimeOffset Last, DateTimeOffset Until);
}
