using Microsoft.EntityFrameworkCore;
using VpsAdmin.Nats;
using VpsAdmin.Node.Streams;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>Answers nodes that introduce themselves, and takes down what pools they have.</summary>
internal sealed class NodeReception(NatsLink link, IServiceScopeFactory scopes, Installation installation, ILogger<NodeReception> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Introductions.AnswerAsync(link, AnswerAsync, log, stoppingToken);

    private async Task<NodeWelcome> AnswerAsync(NodeHello hello, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var node = await db.Nodes.SingleOrDefaultAsync(n => n.DomainName == hello.Name && n.Id != installation.NodeId, cancel).ConfigureAwait(false);
        var refusal = node is null
            ? $"There is no node '{hello.Name}' in the cluster. Add it where the server runs: vpsadmin-server node add {hello.Name}"
            : Fault(hello);
        if (refusal is not null || node is null)
        {
            log.LogWarning("Node {Name} is refused: {Reason}", hello.Name, refusal);
            return new NodeWelcome(refusal, 0, new Dictionary<string, long>());
        }

        (node.DownloadUrl, node.StreamAddress) = (hello.DownloadUrl, hello.StreamAddress);
        NodeAbility.Note(node, hello.Vpses);
        var known = await db.Pools.Where(p => p.NodeId == node.Id).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var filesystem in hello.Pools.Except(known.Select(static p => p.Filesystem)))
        {
            log.LogInformation("Node {Name} has the pool {Pool}, which is new", hello.Name, filesystem);
            var pool = new Pool { NodeId = node.Id, Label = filesystem, Filesystem = filesystem, Role = node.Role };
            db.Pools.Add(pool);
            known.Add(pool);
        }
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        log.LogInformation("Node {Name} is there", hello.Name);
        return new NodeWelcome(null, node.Id, known.Where(p => hello.Pools.Contains(p.Filesystem)).ToDictionary(static p => p.Filesystem, static p => p.Id));
    }

    private static string? Fault(NodeHello hello) =>
        hello.Pools.FirstOrDefault(static p => !ZfsName.IsDataset(p)) is { } pool
            ? $"'{pool}' is not the name of a ZFS filesystem."
            : hello.StreamAddress is { } address && !StreamAddress.IsValid(address) ? $"'{address}' is not an address for streams, such as node2.example.org:4569."
            : !Uri.TryCreate(hello.DownloadUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") ? $"'{hello.DownloadUrl}' is not an http or https address." : null;
}
