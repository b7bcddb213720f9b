using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>Two nodes on one bus, each with a pool filesystem of its own, and a person who gives them work. The second one takes streams.</summary>
internal sealed class PairedNodes : IAsyncDisposable
{
    public const int Near = 1;
    public const int Far = 2;

    private readonly InProcessBus _bus = new();
    private readonly ConcurrentDictionary<(long Id, bool Rollback), TaskCompletionSource<TransactionFinished>> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _listening;
    private readonly Dictionary<int, (CancellationTokenSource Stop, Task Work)> _running = [];
    private readonly ZfsHost _far;
    private int _port;
    private long _ids;

    private PairedNodes(ZfsHost zfs, ZfsHost farZfs, (string Filesystem, string Folder) near, string far)
    {
        (Zfs, _far, Filesystem, Folder, FarFilesystem) = (zfs, farZfs, near.Filesystem, near.Folder, far);
        _listening = ListenAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ZfsHost Zfs { get; }

    /// <summary>Where the dataset 101 is sent from.</summary>
    public string Filesystem { get; }

    public string Folder { get; }

    public string FarFilesystem { get; }

    /// <summary>What both nodes have reported, and what the second one has logged of connections.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    public ConcurrentQueue<NodeEvent> Events { get; } = new();

    public string Address => $"127.0.0.1:{_port}";

    public IPEndPoint EndPoint => new(IPAddress.Loopback, _port);

    /// <param name="near">The first node's zfs; null: the lab's.</param>
    /// <param name="farZfs">The second node's; null: the lab's.</param>
    public static async Task<PairedNodes> StartAsync(LabFixture lab, ZfsHost? near = null, ZfsHost? farZfs = null)
    {
        var filesystem = await lab.CreateFilesystemAsync(Cancel);
        var (far, _) = await lab.CreateFilesystemAsync(Cancel);
        var nodes = new PairedNodes(lab.Zfs, farZfs ?? lab.Zfs, filesystem, far);
        nodes.StartNear(near);
        await nodes.StartFarAsync();
        await lab.Zfs.CreateFilesystemAsync($"{filesystem.Filesystem}/101", properties: null, Cancel);
        return nodes;
    }

    public void StartNear(ZfsHost? zfs = null) =>
        Run(Near, new NodeWorker(_bus.Inbox(Near), zfs ?? Zfs, QueueLimit.Defaults, TimeProvider.System).RunAsync);

    /// <summary>At the same port as before, knowing what its pool knows.</summary>
    public async Task StartFarAsync()
    {
        var streams = await StreamListener.OpenAsync(_far, new(IPAddress.Loopback, _port), [FarFilesystem], atOnce: 3, TimeProvider.System, Told.Enqueue, Cancel);
        _port = streams.EndPoint.Port;
        var worker = new NodeWorker(_bus.Inbox(Far), _far, QueueLimit.Defaults, TimeProvider.System, streams.Handlers);
        Run(Far, async cancel =>
        {
            await using (streams)
                await streams.RunBesideAsync(worker.RunAsync, cancel);
        });
    }

    public async Task StopAsync(int node)
    {
        var (stop, work) = _running[node];
        _running.Remove(node);
        await stop.CancelAsync();
        await work;
        stop.Dispose();
    }

    public TransactionMessage Message<T>(TransactionType type, T input) => new(
        Interlocked.Increment(ref _ids), ChainId: 1, type, Rollback: false, "general", JsonSerializer.SerializeToNode(input, (JsonTypeInfo<T>)NodeJson.Default.GetTypeInfo(typeof(T))!)!);

    public async Task<TransactionFinished> RunAsync(int node, TransactionMessage message) => await (await SendAsync(node, message)).WaitAsync(Cancel);

    public async Task<Task<TransactionFinished>> SendAsync(int node, TransactionMessage message)
    {
        var waiting = new TaskCompletionSource<TransactionFinished>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(message.Id, message.Rollback)] = waiting;
        await _bus.DispatchAsync(node, message, Cancel);
        return waiting.Task;
    }

    /// <summary>Snapshots of the dataset, each with a file of so many random bytes that the others do not have.</summary>
    public async Task SnapshotsAsync(int bytes, params string[] names)
    {
        foreach (var name in names)
        {
            var content = new byte[bytes];
            Random.Shared.NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(Folder, "101", name), content, Cancel);
            await Zfs.SnapshotAsync(new SnapshotName($"{Filesystem}/101", name), Cancel);
        }
    }

    /// <summary>Name and guid of what a filesystem has, oldest first.</summary>
    public async Task<IEnumerable<(string Name, ulong Guid)>> OnAsync(string filesystem) =>
        (await Zfs.ListSnapshotsAsync(filesystem, depth: 0, Cancel)).Select(static s => (s.Name.Name, s.Guid));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _running.Keys.ToList())
            await StopAsync(node);
        await _end.CancelAsync();
        await _listening;
        _end.Dispose();
        await LabFixture.RemoveAsync(Filesystem);
        await LabFixture.RemoveAsync(FarFilesystem);
    }

    private void Run(int node, Func<CancellationToken, Task> work)
    {
        var stop = new CancellationTokenSource();
        _running.Add(node, (stop, work(stop.Token)));
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var nodeEvent in _bus.EventsAsync(_end.Token))
            {
                Events.Enqueue(nodeEvent);
                Told.Enqueue(nodeEvent.ToString());
                if (nodeEvent is TransactionFinished finished && _waiting.TryRemove((finished.TransactionId, finished.Rollback), out var waiting))
                    waiting.SetResult(finished);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }
}
