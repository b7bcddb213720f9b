using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers; restarting it helps when it does not. <c>/health/ready</c>: it can do its work; waiting helps, or
/// somebody's hand. <c>/health</c> is the second.
/// </summary>
internal static class HealthEndpoints
{
    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database").AddCheck<NodeHealth>("node");

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new() { Predicate = static _ => false, ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync });
        endpoints.MapHealthChecks("/health", new() { ResponseWriter = WriteAsync });
    }

    /// <summary><c>ok</c>, or what is wrong, a line for each.</summary>
    private static Task WriteAsync(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        var wrong = report.Entries.Where(static e => e.Value.Status is not HealthStatus.Healthy).Select(static e => $"{e.Key}: {e.Value.Description}");
        return http.Response.WriteAsync(report.Status is HealthStatus.Healthy ? "ok" : string.Join('\n', wrong), http.RequestAborted);
    }

    private sealed class DatabaseHealth(VpsAdminDb db) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await db.Identity.AnyAsync(cancellationToken).ConfigureAwait(false) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("it is empty");
            }
            catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException)
            {
                // What went wrong is for the log, which the library writes: everybody may ask here.
                return HealthCheckResult.Unhealthy("it cannot be read", e);
            }
        }
    }

    private sealed class NodeHealth(NodeService node) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(node.IsUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("it does not work"));
    }
}
