using Microsoft.Extensions.DependencyInjection.Extensions;
using VpsAdmin.Server.Accounts;

namespace VpsAdmin.Server.Api;

/// <summary>
/// Puts declared resources on HTTP: <c>services.AddHaveApi(resources)</c>, then <c>app.MapHaveApi()</c>. Accounts come from
/// <see cref="IAccounts"/>, resolved from the services of each request.
/// </summary>
public static class HaveApiHosting
{
    private const string AuthenticationPrefix = "/_auth/token";

    /// <exception cref="ArgumentException">Two actions share method and path, or two resources a name.</exception>
    public static IServiceCollection AddHaveApi(this IServiceCollection services, IReadOnlyList<ApiResource> resources, HaveApiOptions? options = null)
    {
        var chosen = options ?? new HaveApiOptions();
        services.AddSingleton(chosen);
        var (api, tokens) = (resources, (IReadOnlyList<ApiResource>)[TokenResource.Declare(chosen.Protocol)]);
        if (chosen.Protocol == HaveApiProtocol.First) (api, tokens) = (FirstProtocol.Adapt(api), FirstProtocol.Adapt(tokens));
        services.AddSingleton(new RouteTables(new($"/v{chosen.ApiVersion}", api), new(AuthenticationPrefix, tokens)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<ReplyWriter>();
        services.AddCors();

        // The framework logs the URL of every request, query included, and tokens may travel there; ReplyWriter logs what may be known.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning));
        return services;
    }

    /// <summary>
    /// Maps every action under <c>/v7.0/</c> and at the root, the descriptions, <c>/_auth/</c>, and a fallback that answers
    /// <c>Action not found</c> to any path that nothing else serves.
    /// </summary>
    public static WebApplication MapHaveApi(this WebApplication app)
    {
        IEndpointRouteBuilder endpoints = app;
        var services = app.Services;
        var options = services.GetRequiredService<HaveApiOptions>();
        var tables = services.GetRequiredService<RouteTables>();
        var replies = services.GetRequiredService<ReplyWriter>();
        var actions = new ActionHandler(tables.Versioned, options);
        var descriptions = new DescriptionHandler(new Descriptions(tables.Versioned, tables.Tokens, options, services.GetService<OAuthOffer>()), options);

        // Scripts of any page may call: credentials are sent by the script itself, never by the browser. Preflights are answered before all else.
        app.UseRouting();
        app.UseCors(static cors => cors.AllowAnyOrigin().AllowAnyMethod().AllowAnyHeader()
            .WithExposedHeaders(ReplyWriter.RequestId, "Retry-After").SetPreflightMaxAge(TimeSpan.FromHours(1)));

        Map(HttpMethods.Options, "/", descriptions.RootAsync);
        Map(HttpMethods.Options, $"{tables.Versioned.Prefix}/", descriptions.VersionAsync);
        MapActions(tables.Versioned, path => path);
        MapActions(tables.Versioned, path => path[tables.Versioned.Prefix.Length..]);
        MapActions(tables.Tokens, path => path);

        // Two, because the plain fallback leaves paths that look like files alone.
        endpoints.Map($"{tables.Versioned.Prefix}/{{**path}}", http => replies.AnswerAsync(http, NotFound));
        endpoints.MapFallback(http => replies.AnswerAsync(http, NotFound));
        return app;

        void MapActions(RouteTable table, Func<string, string> locate)
        {
            foreach (var routes in table.Routes.GroupBy(r => locate(r.Path)))
            {
                foreach (var route in routes) Map(route.Action.Method, routes.Key, http => actions.RunAsync(route, http), isAction: true);
                IReadOnlyList<Route> described = [.. routes];
                Map(HttpMethods.Options, routes.Key, http => descriptions.ActionAsync(described, http));
            }
        }

        // Roots end in a slash and nothing else does; the framework's routing does not mind either way, other servers do.
        void Map(string method, string path, Func<HttpContext, Task<Reply>> handle, bool isAction = false) => endpoints.MapMethods(
            path, [method], http => EndsInSlash(http.Request.Path) == EndsInSlash(path) ? replies.AnswerAsync(http, handle, isAction) : replies.AnswerAsync(http, NotFound));
    }

    private static bool EndsInSlash(string? path) => path is not null && path.EndsWith('/');

    private static Task<Reply> NotFound(HttpContext http) => Task.FromException<Reply>(Refusals.ActionNotFound());

    private sealed record RouteTables(RouteTable Versioned, RouteTable Tokens);
}
