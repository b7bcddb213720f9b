using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.HaveApi.Calls;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi;

/// <summary>
/// A client of one HaveAPI server, protocol 1.x or 2.0. It knows nothing of any server's resources: paths, methods, namespaces and
/// parameters come from the server's description. Safe for concurrent calls.
/// </summary>
public sealed partial class HaveApiClient : IDisposable
{
    private readonly ApiTransport _transport;
    private readonly HaveApiClientOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionSource _source;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private volatile Session _session;
    private int _loggedOut;

    private HaveApiClient(
        ApiTransport transport, HaveApiClientOptions options, IAuthentication authentication, TimeProvider time, SessionSource source, Session session)
    {
        Authentication = authentication;
        _transport = transport;
        _options = options;
        _time = time;
        _source = source;
        _session = session;
    }

    /// <summary>Asks for the description, or takes the cached one, and authenticates. The handler is not disposed.</summary>
    /// <remarks>
    /// Credentials are proven by the first call, not here: HaveAPI treats wrong ones as none where an action is open to everybody, and
    /// descriptions are. Only requesting a token fails here.
    /// </remarks>
    /// <param name="baseUri">Absolute http(s) address; its path is kept as a prefix.</param>
    /// <param name="handler">The HTTP handler to use; null: an own one that follows no redirects.</param>
    /// <exception cref="HaveApiException"/>
    public static async Task<HaveApiClient> ConnectAsync(
        Uri baseUri, IAuthentication authentication, HaveApiClientOptions? options, HttpMessageHandler? handler, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(authentication);
        CheckAddress(baseUri);
        options ??= new HaveApiClientOptions();
        var time = options.Time ?? TimeProvider.System;
        var transport = new ApiTransport(baseUri, options, handler);
        try
        {
            var source = new SessionSource(transport, options, authentication, time);
            var session = await source.OpenAsync(cancel).ConfigureAwait(false);
            return new HaveApiClient(transport, options, authentication, time, source, session);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    public Uri BaseUri => _transport.BaseUri;

    /// <summary>As this user sees it.</summary>
    public ApiDescription Description => _session.Described.Description;

    /// <summary>Version in the path, such as <c>7.0</c>.</summary>
    public string ApiVersion => _session.Described.ApiVersion;

    /// <summary>Version of the protocol, such as <c>2.0</c>.</summary>
    public string ProtocolVersion => _session.Described.ProtocolVersion;

    public IAuthentication Authentication { get; }

    /// <summary>True when the server describes this action; <paramref name="action"/> as for <see cref="CallAsync(string, IReadOnlyList{long}, JsonObject?, CallMeta?, CancellationToken)"/>.</summary>
    public bool Has(string action) => _session.Described.Actions.Has(action);

    /// <exception cref="NotDescribedException"/>
    public ActionDescription Describe(string action) => _session.Described.Actions.Find(action).Action;

    /// <summary>The first of some names that an action's input has: parameters are renamed between versions (BUG-11).</summary>
    /// <returns>Null when it has none, and when there is no such action.</returns>
    public string? FindParameter(string action, params ReadOnlySpan<string> names)
    {
        if (!Has(action) || Describe(action).Input is not { } input)
            return null;
        foreach (var name in names)
        {
            if (input.Parameters.ContainsKey(name))
                return name;
        }
        return null;
    }

    /// <summary>Calls an action.</summary>
    /// <param name="action">Resource path and action, <c>dataset.snapshot#index</c>; aliases are understood.</param>
    /// <param name="pathParameters">Ids for the placeholders in the path, left to right.</param>
    /// <param name="input">Values by parameter name; only what the caller sets. A name that the description lacks is refused.</param>
    /// <exception cref="ActionFailedException">The server refused.</exception>
    /// <exception cref="ApiUnreachableException">No answer.</exception>
    /// <exception cref="ProtocolException">An answer that is not HaveAPI.</exception>
    /// <exception cref="NotDescribedException">No such action or parameter; nothing was sent.</exception>
    /// <exception cref="InvalidInputException">A value that the description excludes; nothing was sent.</exception>
    [OverloadResolutionPriority(1)] // For [].
    public Task<ActionResult> CallAsync(
        string action, IReadOnlyList<long> pathParameters, JsonObject? input, CallMeta? meta, CancellationToken cancel) =>
        CallAsync(action, PathIds.Text(pathParameters), input, meta, TimeSpan.Zero, cancel);

    /// <summary>Calls an action whose ids may be text.</summary>
    public Task<ActionResult> CallAsync(
        string action, IReadOnlyList<string> pathParameters, JsonObject? input, CallMeta? meta, CancellationToken cancel) =>
        CallAsync(action, pathParameters, input, meta, TimeSpan.Zero, cancel);

    /// <summary>Revokes the token, where it is ours: requested or restored.</summary>
    public Task LogoutAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _loggedOut, 1) != 0)
            return Task.CompletedTask;
        _source.Drop();
        return Authentication.LogoutAsync(_session.Login, cancel);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _renewing.Dispose();
    }

    private async Task<ActionResult> CallAsync(
        string action, IReadOnlyList<string> ids, JsonObject? input, CallMeta? meta, TimeSpan extraTime, CancellationToken cancel)
    {
        var session = _session;
        try
        {
            return await CallAsync(session, action, ids, input, meta, extraTime, cancel).ConfigureAwait(false);
        }
        catch (NotSentException e) when (session.IsFromCache)
        {
            session = await RenewSessionAsync(session, e.Reason, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (session.IsFromCache && Staleness.IsRouteMissing(e, ids.Count))
        {
            session = await RenewSessionAsync(session, e, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (session.IsFromCache && Staleness.IsRoleChanged(e))
        {
            _source.Drop();
            throw;
        }
        catch (NotSentException e)
        {
            throw e.Rethrow();
        }

        try
        {
            return await CallAsync(session, action, ids, input, meta, extraTime, cancel).ConfigureAwait(false);
        }
        catch (NotSentException e)
        {
            throw e.Rethrow();
        }
    }

    private async Task<ActionResult> CallAsync(
        Session session, string action, IReadOnlyList<string> ids, JsonObject? input, CallMeta? meta, TimeSpan extraTime, CancellationToken cancel)
    {
        var (described, login, _) = session;
        var metaNamespace = described.Description.Meta.Namespace;
        string name;
        ActionDescription found;
        ApiRequest request;
        try
        {
            (name, found) = described.Actions.Find(action);
            request = RequestBuilder.Build(name, found, metaNamespace, ids, input, meta);
        }
        catch (HaveApiException e)
        {
            throw new NotSentException(e);
        }
        await Authentication.RenewAsync(login, cancel).ConfigureAwait(false);
        var reply = await _transport.SendAsync(request, Authentication.Authenticate, extraTime, cancel).ConfigureAwait(false);
        return ResultReader.Read(name, found, metaNamespace, reply);
    }

    /// <summary>One of the calls that find a cached description wrong fetches it anew; the others go by that.</summary>
    /// <param name="reason">Why; what the caller learns when there is no better description.</param>
    private async Task<Session> RenewSessionAsync(Session stale, HaveApiException reason, CancellationToken cancel)
    {
        await _renewing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_session != stale)
                return _session;
            _source.Drop();
            return _session = await _source.OpenFreshAsync(cancel).ConfigureAwait(false);
        }
        catch (ApiUnreachableException e)
        {
            throw new ApiUnreachableException($"{e.Message} A description was fetched anew because of: {reason.Message}", e.HttpStatus, e.RetryAfter, e);
        }
        finally
        {
            _renewing.Release();
        }
    }

    private static void CheckAddress(Uri baseUri)
    {
        ArgumentNullException.ThrowIfNull(baseUri);
        if (!baseUri.IsAbsoluteUri || (baseUri.Scheme != Uri.UriSchemeHttp && baseUri.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException($"'{baseUri}' is not an absolute http or https address.", nameof(baseUri));
        if (baseUri.UserInfo.Length > 0 || baseUri.Query.Length > 0 || baseUri.Fragment.Length > 0)
            throw new ArgumentException("The address of an API has no user, query or fragment.", nameof(baseUri));
    }
}
