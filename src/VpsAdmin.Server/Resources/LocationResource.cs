using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class LocationResource
{
    private static readonly OutputShape<Location> Shape = new(static l => [l.Id],
    [
        new("id", ParameterType.Integer, "ID", static l => l.Id),
        new("label", ParameterType.String, "Label", static l => l.Label),
        new("environment", ParameterType.Resource, "Environment", static l => new Association([l.EnvironmentId], l.Environment.Label))
        {
            Resource = ["environment"], ValueLabel = "label",
        },
        new("domain", ParameterType.String, "Domain", static l => l.Domain) { AdminOnly = true },
        new("created_at", ParameterType.Datetime, "Created at", static l => l.CreatedAt) { AdminOnly = true },
    ]);

    public static ApiResource Declare() => new("location", "locations", "Where nodes stand")
    {
        Actions =
        [
            new ApiAction<Location>("index", "GET", "List locations", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs = [.. Paging.Inputs(), new("environment", ParameterType.Resource, "Environment") { Resource = ["environment"], ValueLabel = "label" }],
            },
            new ApiAction<Location>("show", "GET", "Show a location", Shape,
                static context => context.ShowAsync(Locations(context).Where(l => l.Id == context.PathIds[0])))
            {
                SubPath = "{location_id}", Aliases = ["find"],
            },
        ],
    };

    private static IQueryable<Location> Locations(ActionContext context) => context.Database().Locations.Include(static l => l.Environment);

    private static Task<ActionReply<Location>> IndexAsync(ActionContext context)
    {
        var locations = Locations(context);
        if (context.Input.Integer("environment") is { } environment)
            locations = locations.Where(l => l.EnvironmentId == environment);
        return context.ListAsync(locations, static l => l.OrderBy(static l => l.Id));
    }
}
