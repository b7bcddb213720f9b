using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class EnvironmentResource
{
    private static readonly OutputShape<ClusterEnvironment> Shape = new(static e => [e.Id],
    [
        new("id", ParameterType.Integer, "ID", static e => e.Id),
        new("label", ParameterType.String, "Label", static e => e.Label),
        new("domain", ParameterType.String, "Domain", static e => e.Domain) { AdminOnly = true },
        new("created_at", ParameterType.Datetime, "Created at", static e => e.CreatedAt) { AdminOnly = true },
    ]);

    /// <summary>The environment that a place is in, as an association.</summary>
    public static Association Of(Location location) => new([location.EnvironmentId], location.Environment.Label);

    public static ApiResource Declare() => new("environment", "environments", "What the cluster is divided into")
    {
        Actions =
        [
            new ApiAction<ClusterEnvironment>("index", "GET", "List environments", Shape,
                static context => context.ListAsync(context.Database().Environments, static all => all.OrderBy(static e => e.Id)))
            {
                Aliases = ["list"], ReturnsList = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<ClusterEnvironment>("show", "GET", "Show an environment", Shape,
                static context => context.ShowAsync(context.Database().Environments.Where(e => e.Id == context.PathIds[0])))
            {
                SubPath = "{environment_id}", Aliases = ["find"],
            },
        ],
    };
}
