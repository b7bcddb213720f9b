using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>What VPSes have to be for work on them.</summary>
internal static class VpsRequirements
{
    /// <summary>With all that work on them needs.</summary>
    public static IQueryable<Vps> Placed(this IQueryable<Vps> vpses) => vpses.Include(static v => v.User).Include(static v => v.Node)
        .Include(static v => v.Dataset!).ThenInclude(static d => d.InPools).ThenInclude(static i => i.Pool).ThenInclude(static p => p.Node);

    /// <exception cref="ActionRefusedException">It is deleted.</exception>
    public static void RequireActive(this Vps vps)
    {
        if (vps.State is not VpsState.Active)
            throw ActionRefusedException.Refused("this VPS is deleted");
    }

    /// <exception cref="ActionRefusedException">It is deleted, cannot run on its node, or there is nothing in it to run.</exception>
    public static void RequireSystem(this Vps vps)
    {
        vps.RequireActive();
        vps.Node.RequireRuntime();
        if (vps.Template is null)
            throw ActionRefusedException.Refused("this VPS has no system; reinstall it with a template");
    }

    /// <exception cref="ActionRefusedException">The node does not run VPSes, or has no such template.</exception>
    public static void RequireRuntime(this Data.Node node, string? template = null)
    {
        if (!node.RunsVpses)
            throw ActionRefusedException.Refused($"node {node.DomainName} does not run VPSes: {node.VpsRefusal ?? "it has not been seen yet"}");
        if (template is not null && !node.VpsTemplates.Split(',').Contains(template))
            throw ActionRefusedException.Invalid("template", $"node {node.DomainName} has no template '{template}'");
    }
}
