using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Migrating;
using VpsAdmin.Server.Vpses;

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
        new("object_state", ParameterType.String, "Object state", static v => StateName(v.State)),
        new("expiration_date", ParameterType.Datetime, "Expiration date", static v => v.ExpirationDate) { Description = "When it is destroyed, once it is deleted" },
        new("template", ParameterType.String, "Template", static v => v.Template) { Description = "What its system was made of; none: it has no system" },
        new("memory", ParameterType.Integer, "Memory", static v => v.Memory) { Description = "MiB; none: no limit" },
        new("cpu_limit", ParameterType.Integer, "CPU limit", static v => v.CpuLimit) { Description = "Percent of one CPU; none: no limit" },
        new("process_limit", ParameterType.Integer, "Process limit", static v => v.ProcessLimit) { Description = "Processes and threads; none: no limit" },
        new("ip_addresses", ParameterType.String, "IP addresses", static v => v.IpAddresses) { Description = "With the lengths of their prefixes, commas between" },
        new("maintenance_windows", ParameterType.String, "Maintenance windows", static v => v.MaintenanceWindows) { Description = "When it may be stopped for its node's sake, in UTC; empty: at any time" },
        .. VpsStatusResource.Outputs<Vps>(static v => v.IsRunning, static v => new(v.Uptime, v.ProcessCount, v.UsedMemory, v.Load)),
        new("status_time", ParameterType.Datetime, "Status time", static v => v.StatusTime) { Description = "When it was last looked at" },
        new("created_at", ParameterType.Datetime, "Created at", static v => v.CreatedAt),
    ]);

    /// <summary>Values of <c>object_state</c>.</summary>
    private static readonly IReadOnlyList<string> States = ["active", "soft_delete", "hard_delete"];

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
                    new("location", ParameterType.Resource, "Location") { Resource = ["location"] },
                    new("environment", ParameterType.Resource, "Environment") { Resource = ["environment"] },
                    new("object_state", ParameterType.String, "Object state") { Choices = States, Description = "Those that are active, if not given" },
                    new("template", ParameterType.String, "Template") { Description = "Those whose system was made of it" },
                ],
            },
            new ApiAction<Vps>("show", "GET", "Show a VPS", Shape,
                static context => context.ShowAsync(Vpses(context).Where(v => v.Id == context.PathIds[0])))
            {
                SubPath = "{vps_id}", Aliases = ["find"],
            },
            new ApiAction<Vps>("create", "POST", "Create a VPS: its record, its root dataset, and a system in it where a template is given", Shape, CreateAsync)
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
                    new("template", ParameterType.String, "Template") { Description = "What its system is made of; one of the node's" },
                    new("start", ParameterType.Boolean, "Start") { Default = true, Description = "Start it when it has a system" },
                    .. Setup,
                ],
            },
            new ApiAction<Vps>("update", "PUT", "Change a VPS; limits of one that runs change at once", Shape, UpdateAsync)
            {
                SubPath = "{vps_id}", Blocking = true,
                Inputs =
                [
                    new("hostname", ParameterType.String, "Hostname") { Description = "Its system takes it when it starts the next time" },
                    new("maintenance_windows", ParameterType.String, "Maintenance windows") { Description = "When it may be stopped for its node's sake, in UTC: 'Sat 22:00-24:00, Sun 00:00-06:00'; empty: at any time" },
                    .. Setup,
                ],
            },
            new ApiAction<Vps>("migrate", "POST", "Move a VPS to another node", null, MigrateAsync)
            {
                SubPath = "{vps_id}/migrate", Blocking = true, AdminOnly = true,
                Inputs =
                [
                    new("node", ParameterType.Resource, "Node") { Resource = ["node"], ValueLabel = "domain_name", Required = true },
                    .. VpsMigrationResource.Windows("Refuse to move it outside of the owner's maintenance windows"),
                    new("replace_ip_addresses", ParameterType.Boolean, "Replace IP addresses") { Default = false, Description = "Only false: a VPS keeps its addresses" },
                    new("cleanup_data", ParameterType.Boolean, "Clean up data") { Default = true, Description = "Destroy the datasets on the node that is left" },
                    new("send_mail", ParameterType.Boolean, "Send mail") { Default = true, Description = "Tell the owner before and afterwards, where the server sends mail" },
                    new("reason", ParameterType.Text, "Reason") { Description = "For the owner" },
                ],
            },
            new ApiAction<Vps>("clone", "POST", "Make another VPS of one's data, as they are now; it has the same owner and limits, and no addresses", Shape, CloneAsync)
            {
                SubPath = "{vps_id}/clone", Blocking = true, AdminOnly = true,
                Inputs =
                [
                    new("hostname", ParameterType.String, "Hostname") { Required = true, Description = "The new one's" },
                    new("node", ParameterType.Resource, "Node") { Resource = ["node"], ValueLabel = "domain_name", Description = "Where it is to be; where the other is, if not given" },
                    new("start", ParameterType.Boolean, "Start") { Default = true, Description = "Start it when it has a system" },
                ],
            },
            new ApiAction<Vps>("start", "POST", "Start a VPS", null, Run(static (power, context) => power.StartAsync(Own(context), context.PathIds[0], context.Caller.UserId, context.Cancel)))
            {
                SubPath = "{vps_id}/start", Blocking = true,
            },
            new ApiAction<Vps>("stop", "POST", "Stop a VPS", null, Run(static (power, context) => power.StopAsync(Own(context), context.PathIds[0], Force(context), context.Caller.UserId, context.Cancel)))
            {
                SubPath = "{vps_id}/stop", Blocking = true, Inputs = [ForceInput],
            },
            new ApiAction<Vps>("restart", "POST", "Restart a VPS", null, Run(static (power, context) => power.RestartAsync(Own(context), context.PathIds[0], Force(context), context.Caller.UserId, context.Cancel)))
            {
                SubPath = "{vps_id}/restart", Blocking = true, Inputs = [ForceInput],
            },
            new ApiAction<Vps>("reinstall", "POST", "Make a VPS's system anew; what was there is in a snapshot afterwards", null, ReinstallAsync)
            {
                SubPath = "{vps_id}/reinstall", Blocking = true,
                Inputs = [new("template", ParameterType.String, "Template") { Description = "One of the node's; the same as before, if not given" }],
            },
            VpsConsoleAction.Declare(),
            new ApiAction<Vps>("delete", "DELETE", "Delete a VPS: stop it, and destroy it with its datasets, snapshots and backups after a delay", null, DeleteAsync)
            {
                SubPath = "{vps_id}", Aliases = ["destroy"], Blocking = true,
                Inputs = [new("lazy", ParameterType.Boolean, "Lazy") { Default = true, AdminOnly = true, Description = "Wait until it has expired; otherwise it is destroyed now" }],
            },
            new ApiAction<Vps>("revive", "POST", "Bring a deleted VPS back before it is destroyed", Shape, ReviveAsync)
            {
                SubPath = "{vps_id}/revive", AdminOnly = true,
            },
        ],
        Children = [VpsStatusResource.Declare()],
    };

    private static InputParameter ForceInput => new("force", ParameterType.Boolean, "Force") { Default = false, Description = "Kill it instead of having it shut down" };

    private static IReadOnlyList<InputParameter> Setup =>
    [
        new("memory", ParameterType.Integer, "Memory") { Min = 16, Max = 1 << 24, Nullable = true, AdminOnly = true, Description = "MiB; none: no limit" },
        new("cpu_limit", ParameterType.Integer, "CPU limit") { Min = 1, Max = 100_000, Nullable = true, AdminOnly = true, Description = "Percent of one CPU; none: no limit" },
        new("process_limit", ParameterType.Integer, "Process limit") { Min = 8, Max = 1 << 22, Nullable = true, AdminOnly = true, Description = "Processes and threads; none: no limit" },
        new("ip_addresses", ParameterType.String, "IP addresses") { AdminOnly = true, Description = "With the lengths of their prefixes, commas between; the VPS keeps them when it moves" },
    ];

    private static string StateName(VpsState state) => States[state switch { VpsState.Active => 0, VpsState.SoftDelete => 1, _ => 2 }];

    private static IQueryable<Vps> Vpses(ActionContext context) =>
        context.Database().Vpses.VisibleTo(context.Caller).Include(static v => v.User).Include(static v => v.Node).Include(static v => v.Dataset);

    private static Task<ActionReply<Vps>> IndexAsync(ActionContext context)
    {
        var vpses = Vpses(context);
        if (context.Input.Integer("user") is { } user)
            vpses = vpses.Where(v => v.UserId == user);
        if (context.Input.Integer("node") is { } node)
            vpses = vpses.Where(v => v.NodeId == node);
        if (context.Input.Integer("location") is { } location)
            vpses = vpses.Where(v => v.Node.LocationId == location);
        if (context.Input.Integer("environment") is { } environment)
            vpses = vpses.Where(v => v.Node.Location!.EnvironmentId == environment);
        var state = context.Input.Text("object_state") switch { "soft_delete" => VpsState.SoftDelete, "hard_delete" => VpsState.HardDelete, _ => VpsState.Active };
        vpses = vpses.Where(v => v.State == state);
        if (context.Input.Text("template") is { } template)
            vpses = vpses.Where(v => v.Template == template);
        return context.ListAsync(vpses, static v => v.OrderBy(static v => v.Id));
    }

    private static async Task<ActionReply<Vps>> CreateAsync(ActionContext context)
    {
        var input = context.Input;
        var request = new VpsRequest(
            Hostname(input)!, input.Integer("node"), input.Text("template"), input.Boolean("start") ?? true,
            input.Integer("memory"), (int?)input.Integer("cpu_limit"), (int?)input.Integer("process_limit"), VpsCreation.Addresses(input.Text("ip_addresses")));
        var owner = await OwnerAsync(context).ConfigureAwait(false);
        var started = await context.Services.GetRequiredService<VpsCreation>().StartAsync(request, owner, context.Caller.UserId, context.Cancel).ConfigureAwait(false);
        return new([started.Value], started.ChainId);
    }

    private static async Task<ActionReply<Vps>> UpdateAsync(ActionContext context)
    {
        var input = context.Input;
        var windows = MaintenanceWindow.Normalize(input.Text("maintenance_windows"));
        var (hostname, addresses) = (Hostname(input), VpsCreation.Addresses(input.Text("ip_addresses")));
        var (vps, chainId) = await context.Services.GetRequiredService<VpsSetup>().UpdateAsync(Own(context), context.PathIds[0], change =>
        {
            change.Hostname = hostname ?? change.Hostname;
            change.Memory = input.Has("memory") ? input.Integer("memory") : change.Memory;
            change.CpuLimit = input.Has("cpu_limit") ? (int?)input.Integer("cpu_limit") : change.CpuLimit;
            change.ProcessLimit = input.Has("process_limit") ? (int?)input.Integer("process_limit") : change.ProcessLimit;
            change.MaintenanceWindows = input.Has("maintenance_windows") ? windows : change.MaintenanceWindows;
            change.IpAddresses = input.Has("ip_addresses") ? addresses : change.IpAddresses;
        }, context.Caller.UserId, context.Cancel).ConfigureAwait(false);
        return new([vps], chainId);
    }

    private static Func<ActionContext, Task<ActionReply<Vps>>> Run(Func<VpsPower, ActionContext, Task<StartedChain<Vps>>> run) => async context =>
        new([], (await run(context.Services.GetRequiredService<VpsPower>(), context).ConfigureAwait(false)).ChainId);

    private static async Task<ActionReply<Vps>> ReinstallAsync(ActionContext context) =>
        new([], (await context.Services.GetRequiredService<VpsSetup>().ReinstallAsync(Own(context), context.PathIds[0], context.Input.Text("template"), context.Caller.UserId, context.Cancel).ConfigureAwait(false)).ChainId);

    private static async Task<ActionReply<Vps>> DeleteAsync(ActionContext context)
    {
        var deletion = context.Services.GetRequiredService<VpsDeletion>();
        return new([], context.Input.Boolean("lazy") is false
            ? (await deletion.DestroyAsync(Own(context), context.PathIds[0], context.Caller.UserId, context.Cancel).ConfigureAwait(false)).ChainId
            : await deletion.DeleteAsync(Own(context), context.PathIds[0], context.Caller.UserId, context.Cancel).ConfigureAwait(false));
    }

    private static async Task<ActionReply<Vps>> MigrateAsync(ActionContext context)
    {
        if (context.Input.Boolean("replace_ip_addresses") is true)
            throw ActionRefusedException.Invalid("replace_ip_addresses", "there are no other addresses here: a VPS keeps its own when it moves, and vps#update gives it others");
        var request = new VpsMoveRequest(context.PathIds[0], context.Input.Integer("node")!.Value, context.Input.Boolean("cleanup_data") is true)
        {
            MaintenanceWindow = VpsMigrationResource.WantsWindow(context.Input), SendMail = context.Input.Boolean("send_mail") is true, Reason = context.Input.Text("reason"),
        };
        return new([], (await context.Services.GetRequiredService<VpsMove>().StartAsync(request, context.Caller.UserId, context.Cancel).ConfigureAwait(false)).ChainId);
    }

    private static async Task<ActionReply<Vps>> CloneAsync(ActionContext context)
    {
        var request = new VpsCloneRequest(context.PathIds[0], Hostname(context.Input)!, context.Input.Integer("node"), context.Input.Boolean("start") ?? true);
        var started = await context.Services.GetRequiredService<VpsClone>().StartAsync(Own(context), request, context.Caller.UserId, context.Cancel).ConfigureAwait(false);
        return new([started.Value], started.ChainId);
    }

    private static async Task<ActionReply<Vps>> ReviveAsync(ActionContext context) =>
        new([await context.Services.GetRequiredService<VpsDeletion>().ReviveAsync(Own(context), context.PathIds[0], context.Cancel).ConfigureAwait(false)]);

    private static bool Force(ActionContext context) => context.Input.Boolean("force") is true;

    /// <summary>Those that the caller may do something to.</summary>
    private static IQueryable<Vps> Own(ActionContext context) => context.Database().Vpses.VisibleTo(context.Caller).Where(static v => v.Confirmed == Confirmed.Yes);

    /// <summary>Null: it was not given.</summary>
    private static string? Hostname(InputValues input) => input.Text("hostname") is not { } name || HostnamePattern().IsMatch(name)
        ? input.Text("hostname")
        : throw ActionRefusedException.Invalid("hostname", "bad format");

    private static async Task<User> OwnerAsync(ActionContext context)
    {
        var id = context.Input.Integer("user") ?? context.Caller.UserId;
        return await context.Database().Users.SingleOrDefaultAsync(u => u.Id == id, context.Cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.Invalid("user", "resource not found");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z\-_\.0-9]{0,254}\z")]
    private static partial Regex HostnamePattern();
}
