using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using VpsAdmin.Node;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>A node whose answers the test gives.</summary>
public sealed class ScriptedNode : INodeBus
{
    private readonly Channel<TransactionMessage> _work = Channel.CreateUnbounded<TransactionMessage>();
    private readonly Channel<NodeReport> _reports = Channel.CreateUnbounded<NodeReport>();
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stranded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private int _toStrand;

    public Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel)
    {
        if (Interlocked.Decrement(ref _toStrand) is var left and >= 0)
        {
            if (left == 0)
                _stranded.SetResult();
            return new TaskCompletionSource().Task.WaitAsync(cancel);
        }
        if (Interlocked.Exchange(ref _failure, null) is not { } failure)
            return _work.Writer.WriteAsync(message, cancel).AsTask();
        _refused.SetResult();
        return Task.FromException(failure);
    }

    /// <summary>What is handed out next does not reach it. Once.</summary>
    /// <returns>Completes when it was to be handed out.</returns>
    public Task Refuse(Exception failure)
    {
        _failure = failure;
        return _refused.Task;
    }

    /// <summary>So much of what is handed out next is on its way until the server ends, as while a broker is away.</summary>
    /// <returns>Completes when it all is.</returns>
    public Task Strand(int count)
    {
        _toStrand = count;
        return _stranded.Task;
    }

    public IAsyncEnumerable<NodeReport> ReportsAsync(CancellationToken cancel) => _reports.Reader.ReadAllAsync(cancel);

    /// <summary>The next piece of work that the server hands out.</summary>
    public Task<TransactionMessage> NextAsync(CancellationToken cancel) => _work.Reader.ReadAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), cancel);

    public bool IsIdle => _work.Reader.Count == 0;

    public void Report(NodeEvent nodeEvent) => Report(new PlainReport(nodeEvent));

    public void Report(NodeReport report) => _reports.Writer.TryWrite(report);

    /// <returns>Completes when the server has dealt with it.</returns>
    public Task ReportAsync(NodeEvent nodeEvent)
    {
        var report = new AwaitedReport(nodeEvent);
        _reports.Writer.TryWrite(report);
        return report.Dealt.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Succeed(TransactionMessage message, JsonNode? output = null) => Report(new TransactionFinished(message.Id, true, output, null) { Rollback = message.Rollback });

    public void Fail(TransactionMessage message, string error = "zfs send ended with status 1", JsonNode? output = null) =>
        Report(new TransactionFinished(message.Id, false, output, error) { Rollback = message.Rollback });

    public void SucceedSnapshot(TransactionMessage message, string name, DateTimeOffset createdAt) =>
        Succeed(message, JsonSerializer.SerializeToNode(new CreateSnapshotOutput(name, createdAt, 4711), NodeJson.Default.CreateSnapshotOutput));

    public void SucceedDownload(TransactionMessage message, long bytes, char digit = 'a') =>
        Succeed(message, JsonSerializer.SerializeToNode(new DownloadSnapshotOutput(bytes, new string(digit, 64)), NodeJson.Default.DownloadSnapshotOutput));

    private sealed class AwaitedReport(NodeEvent nodeEvent) : NodeReport(nodeEvent)
    {
        private readonly TaskCompletionSource _dealt = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Dealt => _dealt.Task;

        public override async Task DealAsync(Func<NodeEvent, Task> deal, CancellationToken cancel)
        {
            await deal(Event);
            _dealt.SetResult();
        }
    }
}
