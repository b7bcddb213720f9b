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
        new("refquota_check", ParameterType.Boolean, "Reference quota check", static p => p.RefquotaCheck) { Description = "Every dataset that is made on it has to have a reference quota" },
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
            new ApiAction<Pool>("update", "PUT", "Change a pool", Shape, UpdateAsync)
            {
                SubPath = "{pool_id}", AdminOnly = true,
                Inputs =
                [
                    new("refquota_check", ParameterType.Boolean, "Reference quota check")
                    {
                        Required = true, Description = "Refuse datasets without a reference quota, and to take it from one; root datasets of VPSes may be without",
                    },
                ],
            },
        ],
    };

    private static async Task<ActionReply<Pool>> UpdateAsync(ActionContext context)
    {
        var pool = await Pools(context).SingleOrDefaultAsync(p => p.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        pool.RefquotaCheck = context.Input.Boolean("refquota_check")!.Value;
        await context.Database().SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([pool]);
    }

    private static IQueryable<Pool> Pools(ActionContext context) => context.Database().Pools.Include(static p => p.Node);
}
