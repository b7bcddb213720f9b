using System.Text.Json;
using System.Text.Json.Nodes;
using Polly;
using Polly.Retry;
using VpsAdmin.Node.Sending;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5221: sends snapshots to another node, which awaits them (5220). Delivered again, or after the connection broke, it goes on behind what has
/// arrived. Undoing is the receiver's.
/// </summary>
internal sealed class SendSnapshotsHandler(ZfsHost zfs, INodeInbox inbox, TimeProvider time)
    : TransactionHandler<SendSnapshotsInput>(TransactionType.SendSnapshots, NodeJson.Default.SendSnapshotsInput)
{
    /// <summary>How long the other node may be away. Each word of it begins that anew; bytes that went out may have got nowhere.</summary>
    internal static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(5);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, SendSnapshotsInput input, CancellationToken cancel)
    {
        SentSnapshots.Check(input.Filesystem, input.Dataset, input.FromSnapshot, input.Snapshots);
        var progress = new Progress(time);
        var sender = new StreamSender(zfs, PoolDataset.Name(input.Filesystem, input.Dataset), input, time, progress.Add, progress.Hear);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reporting = ReportAsync(message.Id, progress, stop.Token);
        try
        {
            await Persistent(progress).ExecuteAsync(async token => await sender.RunAsync(token).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
        catch (PeerLostException e)
        {
            throw new TransactionException($"The receiving node at {input.Address} is lost, for {LongestAbsence.TotalMinutes:0} minutes by now: {e.Message}", e);
        }
        catch (PeerFailedException e)
        {
            throw new TransactionException($"The receiving node at {input.Address} says: {e.Message}", e);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reporting.ConfigureAwait(false);
        }
        return JsonSerializer.SerializeToNode(new SendSnapshotsOutput(progress.Bytes), NodeJson.Default.SendSnapshotsOutput);
    }

    protected override Task RollbackAsync(TransactionMessage message, SendSnapshotsInput input, CancellationToken cancel) => Task.CompletedTask;

    private ResiliencePipeline Persistent(Progress progress) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome.Exception is PeerLostException && progress.SinceHeard < LongestAbsence),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(250),
            MaxDelay = TimeSpan.FromSeconds(15),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    private async Task ReportAsync(long transactionId, Progress progress, CancellationToken cancel)
    {
        using var beat = new PeriodicTimer(BetweenReports, time);
        try
        {
            for (var told = 0L; await beat.WaitForNextTickAsync(cancel).ConfigureAwait(false);)
            {
                if (told != progress.Bytes)
                    await inbox.ReportAsync(new TransferProgressed(transactionId, told = progress.Bytes), cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end of the transfer.
        }
    }

    private sealed class Progress(TimeProvider time)
    {
        private long _bytes;
        private long _heard = time.GetTimestamp();

        public long Bytes => Interlocked.Read(ref _bytes);

        public TimeSpan SinceHeard => time.GetElapsedTime(Interlocked.Read(ref _heard));

        public void Add(int bytes) => Interlocked.Add(ref _bytes, bytes);

        public void Hear() => Interlocked.Exchange(ref _heard, time.GetTimestamp());
    }
}
