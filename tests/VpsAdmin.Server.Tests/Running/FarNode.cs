using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Node.Streams;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>A second node of a server, which has its pools and works in the same process.</summary>
internal sealed class FarNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    private FarNode(long id, long hypervisorId, long backupId, Func<CancellationToken, Task> work)
    {
        (Id, HypervisorId, BackupId) = (id, hypervisorId, backupId);
        _work = work(_stop.Token);
    }

    public long Id { get; }

    /// <summary>Pool that datasets are worked in.</summary>
    public long HypervisorId { get; }

    /// <summary>Pool that backups go to.</summary>
    public long BackupId { get; }

    public static string Hypervisor(RealServer server) => server.Pool + "/far";

    public static string Backup(RealServer server) => server.Pool + "/vault";

    /// <summary>Makes its pools and starts it. One for each server.</summary>
    /// <param name="runtime">Runs VPSes; null: it does storage only.</param>
    public static async Task<FarNode> StartAsync(RealServer server, IVpsRuntime? runtime = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        foreach (var filesystem in new[] { Hypervisor(server), Backup(server) })
            await server.Zfs.CreateFilesystemAsync(filesystem, null, cancel);
        var log = new ConcurrentQueue<string>();
        var streams = await StreamListener.OpenAsync(
            server.Zfs, new(IPAddress.Loopback, 0), [Hypervisor(server), Backup(server)], atOnce: 3, TimeProvider.System, log.Enqueue, cancel);
        var (node, hypervisor, backup) = await server.QueryAsync(async db =>
        {
            var node = new Data.Node { Name = "far", DomainName = "far.example.org", StreamAddress = $"127.0.0.1:{streams.EndPoint.Port}", RunsVpses = runtime is not null };
            var hypervisor = new Pool { Node = node, Label = "far", Filesystem = Hypervisor(server), Role = PoolRole.Hypervisor };
            var backup = new Pool { Node = node, Label = "vault", Filesystem = Backup(server), Role = PoolRole.Backup };
            db.Pools.AddRange(hypervisor, backup);
            await db.SaveChangesAsync(cancel);
            return (node.Id, hypervisor.Id, backup.Id);
        });
        var worker = new NodeWorker(server.Services.GetRequiredService<InProcessBus>().Inbox(node), server.Zfs, QueueLimit.Defaults, TimeProvider.System,
            [.. streams.Handlers, .. runtime is null ? [] : VpsHandlers.All(server.Zfs, runtime)]);
        return new FarNode(node, hypervisor, backup, async stop =>
        {
            await using (streams)
                await streams.RunBesideAsync(worker.RunAsync, stop);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }
}
