using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class PoolResource
{
    /// <summary>Values of <c>role</c>.</summary>
    public static IReadOnlyList<string> Roles { get; } = ["hypervisor", "primary", "backup"];

    private static readonly OutputShape<Pool> Shape = new(static p => [p.Id],
    [
        new("id", ParameterType.Integer, "ID", static p => p.Id),
        new("node", ParameterType.Resource, "Node", static p => new Association([p.NodeId], p.Node.DomainName))
        {
            Resource = ["node"], ValueLabel = "domain_name",
        },
        new("label", ParameterType.String, "Label", static p => p.Label),
        new("filesystem", ParameterType.String, "Filesystem", static p => p.Filesystem),
        new("role", ParameterType.String, "Role", static p => Roles[(int)p.Role]),
    ]);

    public static ApiResource Declare() => new("pool", "pools", "ZFS filesystems below which datasets live")
    {
        Actions =
        [
            new ApiAction<Pool>("index", "GET", "List pools", Shape,
                static context => context.ListAsync(Pools(context), static pools => pools.OrderBy(static p => p.Id)))
            {
                Aliases = ["list"], ReturnsList = true, AdminOnly = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<Pool>("show", "GET", "Show a pool", Shape,
                static context => context.ShowAsync(Pools(context).Where(p => p.Id == context.PathIds[0])))
            {
                SubPath = "{pool_id}", Aliases = ["find"], AdminOnly = true,
            },
        ],
    };

    private static IQueryable<Pool> Pools(ActionContext context) => context.Database().Pools.Include(static p => p.Node);
}
