using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using VpsAdmin.Node;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>A node whose answers the test gives.</summary>
public sealed class ScriptedNode : INodeBus
{
    private readonly Channel<TransactionMessage> _work = Channel.CreateUnbounded<TransactionMessage>();
    private readonly Channel<NodeEvent> _events = Channel.CreateUnbounded<NodeEvent>();

    private Exception? _failure;

    public Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel) =>
        Interlocked.Exchange(ref _failure, null) is { } failure ? Task.FromException(failure) : _work.Writer.WriteAsync(message, cancel).AsTask();

    /// <summary>What is handed out next does not reach it.</summary>
    public void Refuse(Exception failure) => _failure = failure;

    public IAsyncEnumerable<NodeEvent> EventsAsync(CancellationToken cancel) => _events.Reader.ReadAllAsync(cancel);

    /// <summary>The next piece of work that the server hands out.</summary>
    public Task<TransactionMessage> NextAsync(CancellationToken cancel) => _work.Reader.ReadAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), cancel);

    public bool IsIdle => _work.Reader.Count == 0;

    public void Report(NodeEvent nodeEvent) => _events.Writer.TryWrite(nodeEvent);

    public void Succeed(TransactionMessage message, JsonNode? output = null) => Report(new TransactionFinished(message.Id, true, output, null) { Rollback = message.Rollback });

    public void Fail(TransactionMessage message, string error = "zfs send ended with status 1") => Report(new TransactionFinished(message.Id, false, null, error) { Rollback = message.Rollback });

    public void SucceedSnapshot(TransactionMessage message, string name, DateTimeOffset createdAt) =>
        Succeed(message, JsonSerializer.SerializeToNode(new CreateSnapshotOutput(name, createdAt, 4711), NodeJson.Default.CreateSnapshotOutput));

    public void SucceedDownload(TransactionMessage message, long bytes, char digit = 'a') =>
        Succeed(message, JsonSerializer.SerializeToNode(new DownloadSnapshotOutput(bytes, new string(digit, 64)), NodeJson.Default.DownloadSnapshotOutput));
}
