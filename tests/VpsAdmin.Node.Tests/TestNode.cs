using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>A bus with one node that works on a pool filesystem of its own, and a person who sends it work.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private const long NodeId = 1;

    private readonly ConcurrentDictionary<(long Id, bool Rollback), TaskCompletionSource<TransactionFinished>> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _listening;
    private CancellationTokenSource _stop = new();
    private Task _working = Task.CompletedTask;
    private long _ids;

    private readonly IReadOnlyList<ITransactionHandler>? _more;
    private readonly Func<Task>? _remove;

    /// <param name="remove">Takes the filesystem away; null: nobody does.</param>
    public TestNode(ZfsHost zfs, string filesystem, string folder, IReadOnlyList<ITransactionHandler>? more = null, Func<Task>? remove = null)
    {
        (Zfs, Filesystem, Folder, _more, _remove) = (zfs, filesystem, folder, more, remove);
        _listening = ListenAsync();
        Start();
    }

    public ZfsHost Zfs { get; }

    public string Filesystem { get; }

    /// <summary>Where the pool filesystem is mounted.</summary>
    public string Folder { get; }

    public WatchedTime Time { get; } = new(new DateTimeOffset(2016, 6, 14, 10, 0, 0, TimeSpan.Zero));

    public InProcessBus Bus { get; } = new();

    public ConcurrentQueue<NodeEvent> Events { get; } = new();

    public void Start()
    {
        _stop = new CancellationTokenSource();
        _working = new NodeWorker(Bus.Inbox(NodeId), Zfs, QueueLimit.Defaults, Time, _more).RunAsync(_stop.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
    }

    public TransactionMessage Message<T>(TransactionType type, T input, bool rollback = false, long? id = null) =>
        new(id ?? Interlocked.Increment(ref _ids), ChainId: 1, type, rollback, rollback ? "rollback" : "general",
            JsonSerializer.SerializeToNode(input, (JsonTypeInfo<T>)NodeJson.Default.GetTypeInfo(typeof(T))!)!);

    /// <summary>Sends the work and waits for its end.</summary>
    public async Task<TransactionFinished> RunAsync(TransactionMessage message, CancellationToken cancel)
    {
        var finished = await SendAsync(message, cancel);
        return await finished.WaitAsync(cancel);
    }

    public async Task<Task<TransactionFinished>> SendAsync(TransactionMessage message, CancellationToken cancel)
    {
        var waiting = new TaskCompletionSource<TransactionFinished>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[(message.Id, message.Rollback)] = waiting;
        await Bus.DispatchAsync(NodeId, message, cancel);
        return waiting.Task;
    }

    public Task<TransactionFinished> RunAsync<T>(TransactionType type, T input, CancellationToken cancel) => RunAsync(Message(type, input), cancel);

    /// <summary>A dataset with files in it.</summary>
    /// <returns>The folder where it is mounted.</returns>
    public async Task<string> CreateDatasetAsync(string dataset, CancellationToken cancel)
    {
        await Zfs.CreateFilesystemAsync($"{Filesystem}/{dataset}", properties: null, cancel);
        return Path.Combine(Folder, dataset);
    }

    public async Task<ZfsSnapshot> SnapshotAsync(string dataset, string name, CancellationToken cancel)
    {
        var snapshot = new SnapshotName($"{Filesystem}/{dataset}", name);
        await Zfs.SnapshotAsync(snapshot, cancel);
        return await Zfs.GetSnapshotAsync(snapshot, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _end.CancelAsync();
        await _listening;
        _end.Dispose();
        if (_remove is not null)
            await _remove();
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var nodeEvent in Bus.EventsAsync(_end.Token))
            {
                Events.Enqueue(nodeEvent);
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
