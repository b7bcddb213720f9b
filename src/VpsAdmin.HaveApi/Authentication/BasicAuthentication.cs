using System.Net.Http.Headers;
using System.Text;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>HTTP Basic on every request. A session's start on many servers: prefer tokens.</summary>
public sealed class BasicAuthentication : IAuthentication
{
    private readonly AuthenticationHeaderValue _header;

    /// <exception cref="ArgumentException">A user name with a colon, which HTTP Basic cannot carry (RFC 7617).</exception>
    public BasicAuthentication(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException("HTTP Basic cannot carry a user name with a colon; use a token.", nameof(user));
        Identity = $"basic:{user}";
        _header = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public string Identity { get; }

    public Task<bool> LoginAsync(ILoginSession session, CancellationToken cancel)
    {
        AuthenticationOffer.Find(session, "basic");
        return Task.FromResult(false);
    }

    public void Authenticate(HttpRequestMessage request) => request.Headers.Authorization = _header;

    public Task LogoutAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;
}
