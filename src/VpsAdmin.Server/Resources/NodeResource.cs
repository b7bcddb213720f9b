using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Resources;

internal static class NodeResource
{
    private static readonly OutputShape<Data.Node> Shape = new(static n => [n.Id],
    [
        new("id", ParameterType.Integer, "ID", static n => n.Id),
        new("name", ParameterType.String, "Name", static n => n.Name),
        new("domain_name", ParameterType.String, "Domain name", static n => n.DomainName),
        new("location", ParameterType.Resource, "Location", static n => n.Location is { } location ? new Association([location.Id], location.Label) : null)
        {
            Resource = ["location"], ValueLabel = "label",
        },
        new("environment", ParameterType.Resource, "Environment", static n => n.Location is { } location ? EnvironmentResource.Of(location) : null)
        {
            Resource = ["environment"], ValueLabel = "label",
        },
    ]);

    public static ApiResource Declare() => new("node", "nodes", "Machines that virtual servers run on")
    {
        Actions =
        [
            new ApiAction<Data.Node>("index", "GET", "List nodes", Shape,
                static context => context.ListAsync(Nodes(context), static nodes => nodes.OrderBy(static n => n.Id)))
            {
                Aliases = ["list"], ReturnsList = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<Data.Node>("show", "GET", "Show a node", Shape,
                static context => context.ShowAsync(Nodes(context).Where(n => n.Id == context.PathIds[0])))
            {
                SubPath = "{node_id}", Aliases = ["find"],
            },
        ],
    };

    private static IQueryable<Data.Node> Nodes(ActionContext context) =>
        context.Database().Nodes.Include(static n => n.Location).ThenInclude(static l => l!.Environment);
}
