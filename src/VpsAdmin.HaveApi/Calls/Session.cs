using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.HaveApi.Caching;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>What a client goes by: a description, and the login that was prepared from it.</summary>
/// <param name="IsFromCache">It may be out of date.</param>
internal sealed record Session(DescribedVersion Described, LoginSession Login, bool IsFromCache);

/// <summary>Makes sessions, from the cache where it can, and makes them anew where the cache was wrong.</summary>
internal sealed class SessionSource(ApiTransport transport, HaveApiClientOptions options, IAuthentication authentication, TimeProvider time)
{
    private readonly Describer _describer = new(transport);
    private readonly DescriptionCache? _cache = options.DescriptionCache is { } cache ? new DescriptionCache(cache, time) : null;

    /// <summary>
    /// A login that needs nothing from the server goes on with the cached description, without any request. One that does is worth a
    /// fresh one.
    /// </summary>
    public async Task<Session> OpenAsync(CancellationToken cancel)
    {
        if (authentication.Identity is not null && _cache?.Find(Key()!) is { } cached
            && await PrepareAsync(cached, cancel).ConfigureAwait(false) is { } session)
            return session;
        return await OpenFreshAsync(cancel).ConfigureAwait(false);
    }

    public async Task<Session> OpenFreshAsync(CancellationToken cancel)
    {
        var version = await _describer.ChooseVersionAsync(options.ApiVersion, cancel).ConfigureAwait(false);
        var described = await _describer.DescribeAsync(version, null, cancel).ConfigureAwait(false);
        var login = Login(described);
        var isIssued = await authentication.LoginAsync(login, cancel).ConfigureAwait(false);
        if (authentication is not NoAuthentication)
            described = await DescribeAgainAsync(version, isIssued ? login : null, cancel).ConfigureAwait(false);
        if (Key() is { } key)
            _cache?.Store(key, described);
        return new Session(described, login, IsFromCache: false);
    }

    public void Drop()
    {
        if (Key() is { } key)
            _cache?.Drop(key);
    }

    private CacheKey? Key() => authentication.Identity is { } identity
        ? new CacheKey(transport.BaseUri.AbsoluteUri.TrimEnd('/'), options.ApiVersion ?? "", identity, options.Language ?? "")
        : null;

    private LoginSession Login(DescribedVersion described) => new(transport, described.Description, authentication, time);

    /// <returns>Null when the cached description does not fit the login: then it is worth nothing.</returns>
    private async Task<Session?> PrepareAsync(DescribedVersion cached, CancellationToken cancel)
    {
        var login = Login(cached);
        try
        {
            await authentication.LoginAsync(login, cancel).ConfigureAwait(false);
            return new Session(cached, login, IsFromCache: true);
        }
        catch (Exception e) when (e is NotDescribedException or ProtocolException)
        {
            Drop();
            return null;
        }
    }

    /// <summary>Anonymous descriptions are unfiltered, or empty; a failure gives back the token that was just requested.</summary>
    private async Task<DescribedVersion> DescribeAgainAsync(string version, LoginSession? issued, CancellationToken cancel)
    {
        try
        {
            return await _describer.DescribeAsync(version, authentication.Authenticate, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HaveApiException or OperationCanceledException)
        {
            if (issued is not null)
                await issued.GiveUpAsync().ConfigureAwait(false);
            throw;
        }
    }
}
