using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>VPSes and nodes as chains that ended well would have left them.</summary>
internal static class VpsRows
{
    /// <summary>The first node runs VPSes, whatever this machine can do.</summary>
    public static Task<int> LetVpsesRunAsync(this RunningServer server, string? refusal = null) => server.QueryAsync(db => db.Nodes.ExecuteUpdateAsync(set => set
        .SetProperty(static n => n.RunsVpses, refusal is null).SetProperty(static n => n.VpsRefusal, refusal).SetProperty(static n => n.VpsTemplates, "busybox,debian")));

    /// <summary>Another node that runs VPSes, with a pool.</summary>
    public static Task<long> AddNodeAsync(this RunningServer server, string name = "node2") => server.QueryAsync(async db =>
    {
        var location = await db.Locations.FirstAsync();
        var node = new Data.Node { Name = name, DomainName = name + ".example.org", Location = location, RunsVpses = true, VpsTemplates = "busybox", StreamAddress = name + ".example.org:4569" };
        db.Pools.Add(new() { Node = node, Label = name, Filesystem = name + "/vps", Role = PoolRole.Hypervisor });
        await db.SaveChangesAsync();
        return node.Id;
    });

    /// <summary>A VPS with a system on the first node.</summary>
    public static async Task<long> AddVpsAsync(this RunningServer server, bool running = true, long userId = 1, string? template = "busybox")
    {
        var id = await server.QueryAsync(async db =>
        {
            var vps = new Vps
            {
                Hostname = "vps.example.org", UserId = userId, NodeId = server.Installation.NodeId, CreatedAt = DateTimeOffset.UtcNow, Template = template,
                IsRunning = running, Confirmed = Confirmed.Yes, IpAddresses = "192.0.2.7/24",
            };
            db.Vpses.Add(vps);
            await db.SaveChangesAsync();
            return vps.Id;
        });
        var dataset = await server.AddDatasetAsync($"{id}", userId);
        await server.QueryAsync(db => db.Vpses.Where(v => v.Id == id).ExecuteUpdateAsync(set => set.SetProperty(static v => v.DatasetId, dataset)));
        return id;
    }

    /// <summary>Puts a VPS on another node, with its dataset.</summary>
    public static Task<int> SeatVpsAsync(this RunningServer server, long vps, long node) => server.QueryAsync(async db =>
    {
        var pool = await db.Pools.Where(p => p.NodeId == node).Select(static p => p.Id).SingleAsync();
        await db.DatasetInPools.Where(i => i.DatasetId == db.Vpses.Single(v => v.Id == vps).DatasetId).ExecuteUpdateAsync(set => set.SetProperty(static i => i.PoolId, pool));
        return await db.Vpses.Where(v => v.Id == vps).ExecuteUpdateAsync(set => set.SetProperty(static v => v.NodeId, node));
    });

    public static Task<Vps> VpsAsync(this RunningServer server, long id) =>
        server.QueryAsync(db => db.Vpses.AsNoTracking().Include(static v => v.Dataset).SingleAsync(v => v.Id == id));
}
