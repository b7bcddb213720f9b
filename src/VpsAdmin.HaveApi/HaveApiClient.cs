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
public sealed class HaveApiClient : IDisposable
{
    private readonly ApiTransport _transport;
    private readonly TimeProvider _time;
    private readonly LoginSession _login;
    private readonly ActionIndex _actions;
    private int _loggedOut;

    private HaveApiClient(
        Uri baseUri, ApiTransport transport, TimeProvider time, LoginSession login, IAuthentication authentication, DescribedVersion version)
    {
        BaseUri = baseUri;
        Authentication = authentication;
        Description = version.Description;
        ApiVersion = version.ApiVersion;
        ProtocolVersion = version.ProtocolVersion;
        _transport = transport;
        _time = time;
        _login = login;
        _actions = new ActionIndex(version.Description);
    }

    /// <summary>Asks for the description and authenticates. The handler is not disposed.</summary>
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
            var describer = new Describer(transport);
            var version = await describer.ChooseVersionAsync(options.ApiVersion, cancel).ConfigureAwait(false);
            var described = await describer.DescribeAsync(version, null, cancel).ConfigureAwait(false);
            var login = new LoginSession(transport, described.Description, authentication, time);
            var isIssued = await authentication.LoginAsync(login, cancel).ConfigureAwait(false);
            if (authentication is not NoAuthentication)
                described = await DescribeAgainAsync(describer, version, authentication, isIssued ? login : null, cancel).ConfigureAwait(false);
            return new HaveApiClient(baseUri, transport, time, login, authentication, described);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    public Uri BaseUri { get; }

    /// <summary>As this user sees it.</summary>
    public ApiDescription Description { get; }

    /// <summary>Version in the path, such as <c>7.0</c>.</summary>
    public string ApiVersion { get; }

    /// <summary>Version of the protocol, such as <c>2.0</c>.</summary>
    public string ProtocolVersion { get; }

    public IAuthentication Authentication { get; }

    /// <summary>True when the server describes this action; <paramref name="action"/> as for <see cref="CallAsync"/>.</summary>
    public bool Has(string action) => _actions.Has(action);

    /// <exception cref="NotDescribedException"/>
    public ActionDescription Describe(string action) => _actions.Find(action).Action;

    /// <summary>Calls an action.</summary>
    /// <param name="action">Resource path and action, <c>dataset.snapshot#index</c>; aliases are understood.</param>
    /// <param name="pathParameters">Ids for the placeholders in the path, left to right.</param>
    /// <param name="input">Values by parameter name; only what the caller sets. A name that the description lacks is refused.</param>
    /// <exception cref="ActionFailedException">The server refused.</exception>
    /// <exception cref="ApiUnreachableException">No answer.</exception>
    /// <exception cref="ProtocolException">An answer that is not HaveAPI.</exception>
    public Task<ActionResult> CallAsync(
        string action, IReadOnlyList<long> pathParameters, JsonObject? input, CallMeta? meta, CancellationToken cancel) =>
        CallAsync(action, pathParameters, input, meta, TimeSpan.Zero, cancel);

    /// <summary>Follows a background action to its end: show, then poll with the last state (spec/haveapi 8).</summary>
    /// <returns>The final state; look at <see cref="ActionState.Succeeded"/>.</returns>
    public Task<ActionState> WaitAsync(long actionStateId, IProgress<ActionState>? progress, CancellationToken cancel) =>
        new ActionWait(CallAsync, _time).FollowAsync(actionStateId, progress, cancel);

    /// <summary>Revokes the token, where it is ours: requested or restored.</summary>
    public Task LogoutAsync(CancellationToken cancel) =>
        Interlocked.Exchange(ref _loggedOut, 1) == 0 ? Authentication.LogoutAsync(_login, cancel) : Task.CompletedTask;

    public void Dispose() => _transport.Dispose();

    private async Task<ActionResult> CallAsync(
        string action, IReadOnlyList<long> pathParameters, JsonObject? input, CallMeta? meta, TimeSpan extraTime, CancellationToken cancel)
    {
        var (name, described) = _actions.Find(action);
        var metaNamespace = Description.Meta.Namespace;
        var request = RequestBuilder.Build(name, described, metaNamespace, pathParameters, input, meta);
        await Authentication.RenewAsync(_login, cancel).ConfigureAwait(false);
        var reply = await _transport.SendAsync(request, Authentication.Authenticate, extraTime, cancel).ConfigureAwait(false);
        return ResultReader.Read(name, described, metaNamespace, reply);
    }

    /// <summary>Anonymous descriptions are unfiltered, or empty; a failure gives back the token that was just requested.</summary>
    private static async Task<DescribedVersion> DescribeAgainAsync(
        Describer describer, string version, IAuthentication authentication, LoginSession? issued, CancellationToken cancel)
    {
        try
        {
            return await describer.DescribeAsync(version, authentication.Authenticate, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HaveApiException or OperationCanceledException)
        {
            if (issued is not null)
                await issued.GiveUpAsync().ConfigureAwait(false);
            throw;
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
