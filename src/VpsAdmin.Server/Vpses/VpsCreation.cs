using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Vpses;

/// <param name="NodeId">Null: the cluster's first.</param>
/// <param name="Template">Null: only the dataset is made.</param>
/// <param name="Memory">MiB; null: no limit, as of the others.</param>
public sealed record VpsRequest(string Hostname, long? NodeId, string? Template, bool Start, long? Memory, int? CpuLimit, int? ProcessLimit, string IpAddresses);

/// <summary>Makes VPSes: a record, a root dataset, and in it a system where one is asked for.</summary>
public sealed class VpsCreation(VpsAdminDb db, ChainStarter chains, TimeProvider time)
{
    /// <exception cref="ActionRefusedException">The node has no pool, does not run VPSes, or has no such template.</exception>
    public Task<StartedChain<Vps>> StartAsync(VpsRequest request, User owner, long userId, CancellationToken cancel) =>
        chains.StartAsync(new("create", "Create VPS"), userId, async chain =>
        {
            var pool = await DatasetCreation.PoolAsync(db, request.NodeId, cancel).ConfigureAwait(false);
            if (request.Template is not null)
                pool.Node.RequireRuntime(request.Template);
            var vps = new Vps
            {
                Hostname = request.Hostname, User = owner, Node = pool.Node, CreatedAt = time.GetUtcNow(), Template = request.Template,
                Memory = request.Memory, CpuLimit = request.CpuLimit, ProcessLimit = request.ProcessLimit, IpAddresses = request.IpAddresses, IsRunning = false,
            };
            db.Vpses.Add(vps);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);

            var name = vps.Id.ToString(CultureInfo.InvariantCulture);
            var root = new Dataset { FullName = name, User = owner, CreatedAt = vps.CreatedAt };
            var creation = await DatasetCreation.AppendAsync(db, chain, pool, root, quotaMiB: null, cancel).ConfigureAwait(false);
            vps.Dataset = root;
            creation.Create(vps);
            if (request.Template is null)
                return vps;
            VpsWork.Install(chain, VpsSeat.Of(vps), request.Template, replace: false);
            VpsWork.Configure(chain, VpsSeat.Of(vps), VpsWork.Configuration(vps), before: null);
            if (request.Start)
                VpsWork.Start(chain, VpsSeat.Of(vps));
            return vps;
        }, cancel);

    /// <summary>Addresses with commas between, as they are kept.</summary>
    /// <exception cref="ActionRefusedException">One is none.</exception>
    public static string Addresses(string? text)
    {
        var addresses = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.FirstOrDefault(static a => !IsAddress(a)) is { } wrong)
            throw ActionRefusedException.Invalid("ip_addresses", $"'{wrong}' is not an address with the length of its prefix");
        return string.Join(',', addresses.Distinct());
    }

    private static bool IsAddress(string text) => text.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var ip) && ip.ToString() == address
        && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= (ip.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
}
