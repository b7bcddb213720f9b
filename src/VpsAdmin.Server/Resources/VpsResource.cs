using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static partial class VpsResource
{
    private static readonly OutputShape<Vps> Shape = new(static v => [v.Id],
    [
        new("id", ParameterType.Integer, "ID", static v => v.Id),
        new("hostname", ParameterType.String, "Hostname", static v => v.Hostname),
        new("user", ParameterType.Resource, "User", static v => new Association([v.UserId], v.User.Login)) { Resource = ["user"], ValueLabel = "login" },
        new("node", ParameterType.Resource, "Node", static v => new Association([v.NodeId], v.Node.DomainName))
        {
            Resource = ["node"], ValueLabel = "domain_name",
        },
        new("dataset", ParameterType.Resource, "Root dataset", static v => v.Dataset is { } root ? new Association([root.Id], root.FullName) : null)
        {
            Resource = ["dataset"], ValueLabel = "name",
        },
        new("created_at", ParameterType.Datetime, "Created at", static v => v.CreatedAt),
    ]);

    public static ApiResource Declare() => new("vps", "vpses", "Manage virtual private servers")
    {
        Actions =
        [
            new ApiAction<Vps>("index", "GET", "List VPSes", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(),
                    new("user", ParameterType.Resource, "User") { Resource = ["user"], ValueLabel = "login", AdminOnly = true },
                    new("node", ParameterType.Resource, "Node") { Resource = ["node"], ValueLabel = "domain_name" },
                ],
            },
            new ApiAction<Vps>("show", "GET", "Show a VPS", Shape,
                static context => context.ShowAsync(Vpses(context).Where(v => v.Id == context.PathIds[0])))
            {
                SubPath = "{vps_id}", Aliases = ["find"],
            },
            new ApiAction<Vps>("create", "POST", "Create a VPS: its record and its root dataset", Shape, CreateAsync)
            {
                Aliases = ["new"], Blocking = true, AdminOnly = true,
                Inputs =
                [
                    new("hostname", ParameterType.String, "Hostname") { Required = true },
                    new("user", ParameterType.Resource, "User")
                    {
                        Resource = ["user"], ValueLabel = "login", Description = "Owner; who creates it, if not given",
                    },
                    new("node", ParameterType.Resource, "Node")
                    {
                        Resource = ["node"], ValueLabel = "domain_name", Description = "Where it is; the cluster's first, if not given",
                    },
                ],
            },
        ],
    };

    private static IQueryable<Vps> Vpses(ActionContext context) =>
        context.Database().Vpses.VisibleTo(context.Caller).Include(static v => v.User).Include(static v => v.Node).Include(static v => v.Dataset);

    private static Task<ActionReply<Vps>> IndexAsync(ActionContext context)
    {
        var vpses = Vpses(context);
        if (context.Input.Integer("user") is { } user)
            vpses = vpses.Where(v => v.UserId == user);
        if (context.Input.Integer("node") is { } node)
            vpses = vpses.Where(v => v.NodeId == node);
        return context.ListAsync(vpses, static v => v.OrderBy(static v => v.Id));
    }

    private static async Task<ActionReply<Vps>> CreateAsync(ActionContext context)
    {
        var hostname = context.Input.Text("hostname")!;
        if (!HostnamePattern().IsMatch(hostname))
            throw ActionRefusedException.Invalid("hostname", "bad format");
        var db = context.Database();
        var owner = await OwnerAsync(context).ConfigureAwait(false);
        var time = context.Services.GetRequiredService<TimeProvider>();

        var started = await context.Services.GetRequiredService<ChainStarter>().StartAsync(new("create", "Create VPS"), context.Caller.UserId, async chain =>
        {
            var pool = await DatasetCreation.PoolAsync(db, context.Input.Integer("node"), context.Cancel).ConfigureAwait(false);
            var vps = new Vps { Hostname = hostname, User = owner, Node = pool.Node, CreatedAt = time.GetUtcNow() };
            db.Vpses.Add(vps);
            await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
            await chain.LockAsync<Vps>(vps.Id, context.Cancel).ConfigureAwait(false);

            var name = vps.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var root = new Dataset { FullName = name, User = owner, CreatedAt = vps.CreatedAt };
            var creation = await DatasetCreation.AppendAsync(db, chain, pool, root, quotaMiB: null, context.Cancel).ConfigureAwait(false);
            vps.Dataset = root;
            creation.Create(vps);
            return vps;
        }, context.Cancel).ConfigureAwait(false);
        return new([started.Value], started.ChainId);
    }

    private static async Task<User> OwnerAsync(ActionContext context)
    {
        var id = context.Input.Integer("user") ?? context.Caller.UserId;
        return await context.Database().Users.SingleOrDefaultAsync(u => u.Id == id, context.Cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.Invalid("user", "resource not found");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z\-_\.0-9]{0,254}\z")]
    private static partial Regex HostnamePattern();
}
