using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>What a VPS was doing at times.</summary>
internal static class VpsStatusResource
{
    private static readonly OutputShape<VpsStatus> Shape = new(static s => [s.VpsId, s.Id],
    [
        new("id", ParameterType.Integer, "ID", static s => s.Id),
        .. Outputs<VpsStatus>(static s => s.IsRunning, static s => new(s.Uptime, s.ProcessCount, s.UsedMemory, s.Load)),
        new("created_at", ParameterType.Datetime, "Created at", static s => s.CreatedAt),
    ]);

    public static ApiResource Declare() => new("status", "statuses", "What a VPS was doing: each change, and every few minutes")
    {
        Actions =
        [
            new ApiAction<VpsStatus>("index", "GET", "List what a VPS was doing, newest first", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs = [.. Paging.Inputs(25), new("is_running", ParameterType.Boolean, "Is running")],
            },
            new ApiAction<VpsStatus>("show", "GET", "Show what a VPS was doing", Shape,
                static context => context.ShowAsync(Statuses(context).Where(s => s.Id == context.PathIds[1])))
            {
                SubPath = "{status_id}", Aliases = ["find"],
            },
        ],
    };

    /// <summary>The same of a VPS now and of one at an earlier time.</summary>
    public static IEnumerable<OutputParameter<T>> Outputs<T>(Func<T, bool?> isRunning, Func<T, Usage> usage) =>
    [
        new("is_running", ParameterType.Boolean, "Is running", v => isRunning(v)),
        new("uptime", ParameterType.Integer, "Uptime", v => usage(v).Uptime) { Description = "Seconds" },
        new("process_count", ParameterType.Integer, "Process count", v => usage(v).ProcessCount),
        new("used_memory", ParameterType.Integer, "Used memory", v => Mebibytes.Floor(usage(v).UsedMemory)) { Description = "MiB" },
        new("loadavg", ParameterType.Float, "Load average", v => usage(v).Load) { Description = "CPUs that it keeps busy" },
    ];

    private static IQueryable<VpsStatus> Statuses(ActionContext context) =>
        context.Database().VpsStatuses.Where(s => s.VpsId == context.PathIds[0] && (context.Caller.IsAdmin || s.Vps.UserId == context.Caller.UserId));

    private static async Task<ActionReply<VpsStatus>> IndexAsync(ActionContext context)
    {
        // Nobody learns which numbers of VPSes there are.
        if (!await context.Database().Vpses.VisibleTo(context.Caller).AnyAsync(v => v.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false))
            throw ActionRefusedException.NotFound();
        var statuses = Statuses(context);
        if (context.Input.Boolean("is_running") is { } running)
            statuses = statuses.Where(s => s.IsRunning == running);
        return await context.ListAsync(statuses, static s => s.OrderByDescending(static s => s.Id), newestFirst: true).ConfigureAwait(false);
    }

    /// <param name="UsedMemory">Bytes.</param>
    public sealed record Usage(long? Uptime, int? ProcessCount, long? UsedMemory, double? Load);
}
