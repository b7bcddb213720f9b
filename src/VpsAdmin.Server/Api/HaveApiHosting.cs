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
        services.AddSingleton(new RouteTables(new($"/v{chosen.ApiVersion}", resources), new(AuthenticationPrefix, [TokenResource.Declare()])));
        services.AddSingleton<ReplyWriter>();

        // The framework logs the URL of every request, query included, and tokens may travel there.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning));
        return services;
    }

    /// <summary>
    /// Maps every action under <c>/v7.0/</c> and at the root, the descriptions, <c>/_auth/</c>, and a fallback that answers
    /// <c>Action not found</c> to any path that nothing else serves.
    /// </summary>
    public static IEndpointRouteBuilder MapHaveApi(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var options = services.GetRequiredService<HaveApiOptions>();
        var tables = services.GetRequiredService<RouteTables>();
        var replies = services.GetRequiredService<ReplyWriter>();
        var actions = new ActionHandler(tables.Versioned, options);
        var descriptions = new DescriptionHandler(new Descriptions(tables.Versioned, tables.Tokens, options));

        Map(HttpMethods.Options, "/", descriptions.RootAsync);
        Map(HttpMethods.Options, $"{tables.Versioned.Prefix}/", descriptions.VersionAsync);
        MapActions(tables.Versioned, path => path);
        MapActions(tables.Versioned, path => path[tables.Versioned.Prefix.Length..]);
        MapActions(tables.Tokens, path => path);

        // Two, because the plain fallback leaves paths that look like files alone.
        endpoints.Map($"{tables.Versioned.Prefix}/{{**path}}", http => replies.AnswerAsync(http, NotFound));
        endpoints.MapFallback(http => replies.AnswerAsync(http, NotFound));
        return endpoints;

        void MapActions(RouteTable table, Func<string, string> locate)
        {
            foreach (var routes in table.Routes.GroupBy(r => locate(r.Path)))
            {
                foreach (var route in routes) Map(route.Action.Method, routes.Key, http => actions.RunAsync(route, http));
                IReadOnlyList<Route> described = [.. routes];
                Map(HttpMethods.Options, routes.Key, http => descriptions.ActionAsync(described, http));
            }
        }

        // Roots end in a slash and nothing else does; the framework's routing does not mind either way, other servers do.
        void Map(string method, string path, Func<HttpContext, Task<Reply>> handle) => endpoints.MapMethods(
            path, [method], http => replies.AnswerAsync(http, EndsInSlash(http.Request.Path) == EndsInSlash(path) ? handle : NotFound));
    }

    private static bool EndsInSlash(string? path) => path is not null && path.EndsWith('/');

    private static Task<Reply> NotFound(HttpContext http) => Task.FromException<Reply>(Refusals.ActionNotFound());

    private sealed record RouteTables(RouteTable Versioned, RouteTable Tokens);
}
