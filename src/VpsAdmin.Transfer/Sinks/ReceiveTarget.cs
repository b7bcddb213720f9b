using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// An owned <c>zfs receive</c>. Aborting kills it, then undoes what it committed, and only that: see <see cref="ReceiveUndo"/>.
/// </summary>
public sealed class ReceiveTarget(ZfsHost host, string dataset, ReceiveOptions options, TimeProvider? time = null) : IDecodedTarget
{
    private static readonly TimeSpan LongestRestore = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The daemon of zfs-fuse goes on with what is in the pipe after <c>zfs receive</c> was killed, and may commit one more of the earlier
    /// snapshots: things are as they were only when later looks find them so, which takes longer while something that it surely got has not shown up.
    /// Kernels are done when the process is gone.
    /// </summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    private const int LooksAtDaemon = 6;
    private const int MostLooksAtDaemon = 40;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private StreamConsumer? _receive;
    private IReadOnlyList<string> _command = [];
    private IReadOnlyList<ZfsSnapshot>? _before;
    private bool _isComplete;

    /// <summary>A server must not choose where what it sends is mounted here; not every zfs has <c>receive -x</c>.</summary>
    public bool OneDataset => true;

    public Task OpenAsync(CancellationToken cancel) => OpenAsync([], cancel);

    public async Task OpenAsync(IReadOnlyList<ReplaySubstream> begun, CancellationToken cancel)
    {
        await ClearPartialAsync(begun, cancel).ConfigureAwait(false);
        if (await host.ExistsAsync(dataset, cancel).ConfigureAwait(false))
            _before = await host.ListSnapshotsAsync(dataset, 0, cancel).ConfigureAwait(false);
        var receive = await host.StartReceiveAsync(dataset, options, cancel).ConfigureAwait(false);
        _command = receive.Command;
        _receive = new StreamConsumer(receive, Failed);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel) => _receive!.WriteAsync(decoded, cancel);

    public async Task CompleteAsync(CancellationToken cancel)
    {
        await _receive!.CompleteAsync(cancel).ConfigureAwait(false);
        _isComplete = true;
    }

    public Task AbortAsync() => AbortAsync(null, []);

    public async Task AbortAsync(Exception? reason, IReadOnlyList<ReplaySubstream> delivered)
    {
        if (_receive is null || _isComplete)
            return;
        await _receive.KillAsync().ConfigureAwait(false);
        var guids = delivered.Select(static s => s.ToGuid).ToHashSet();
        var undo = new ReceiveUndo(host, dataset, _before, guids);
        using var limit = new CancellationTokenSource(LongestRestore, _time);
        try
        {
            if (IsRefusal(await _receive.Completion.ConfigureAwait(false), delivered))
            {
                await undo.ExplainAsync(limit.Token).ConfigureAwait(false);
                return;
            }
            await DropPartialAsync(limit.Token).ConfigureAwait(false);
            var pending = guids.ToHashSet();
            pending.ExceptWith(await undo.RunAsync(limit.Token).ConfigureAwait(false));
            var isDaemon = guids.Count > 0 && !(await host.GetCapabilitiesAsync(limit.Token).ConfigureAwait(false)).ReceiveResumable;
            var (least, most) = isDaemon ? (LooksAtDaemon, MostLooksAtDaemon) : (1, 1);
            for (var looks = 0; looks < least || (looks < most && pending.Count > 0); looks++)
            {
                await Task.Delay(BetweenLooks, _time, limit.Token).ConfigureAwait(false);
                pending.ExceptWith(await undo.RunAsync(limit.Token).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is ZfsException or OperationCanceledException)
        {
            throw new TransferException(TransferFailure.SinkFailed, $"'{dataset}' could not be put back as it was: {e.Message} {undo.Remedy}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_receive is not null)
            await _receive.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// A partial receive that an earlier run kept (<c>receive -s</c>) makes every other receive fail. One of this very stream is dropped, for the
    /// stream comes again from its beginning: a vpsAdmin server cannot send from a token. Another's stays.
    /// </summary>
    private async Task ClearPartialAsync(IReadOnlyList<ReplaySubstream> begun, CancellationToken cancel)
    {
        if (!await host.ExistsAsync(dataset, cancel).ConfigureAwait(false)
            || await host.GetResumeTokenAsync(dataset, cancel).ConfigureAwait(false) is not { } token)
        {
            return;
        }
        var partial = await host.ReadResumeTokenAsync(token, cancel).ConfigureAwait(false);
        if (partial is null || begun.All(s => s.ToGuid != partial.ToGuid))
        {
            throw new TransferException(TransferFailure.TargetConflict,
                $"'{dataset}' holds a partial receive of another stream{(partial is null ? "" : $", '{partial.ToName}'")}. Finish it with 'zfs send -t', or drop it "
                + $"with 'zfs receive -A {dataset}', then run the command again.");
        }
        await host.DropPartialReceiveAsync(dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>What <c>receive -s</c> kept of this stream: its hidden child %recv is a clone of the newest snapshot, under which nothing can be rolled back.</summary>
    private async Task DropPartialAsync(CancellationToken cancel)
    {
        if (options.Resumable
            && await host.ExistsAsync(dataset, cancel).ConfigureAwait(false)
            && await host.GetResumeTokenAsync(dataset, cancel).ConfigureAwait(false) is not null)
        {
            await host.DropPartialReceiveAsync(dataset, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>It met something that was not there, or not so, when it was started: somebody else's work, perhaps of this very moment.</summary>
    /// <remarks>
    /// zfs-fuse may say "busy" or "has been modified" also between the snapshots of one stream, after it has committed some: those are ours
    /// to undo. Another run's snapshots make the first increment miss its base instead.
    /// </remarks>
    private bool IsRefusal(ProcessResult result, IReadOnlyList<ReplaySubstream> delivered)
    {
        if (result.ExitCode == 0)
            return false;
        var mayHaveCommitted = delivered.Any(static s => s.FromGuid != 0);
        return ZfsException.From(_command, result).Failure switch
        {
            ZfsFailure.AlreadyExists => true,
            ZfsFailure.Busy => !mayHaveCommitted,
            _ => result.StandardError.Contains("match incremental source", StringComparison.OrdinalIgnoreCase)
                || (!mayHaveCommitted && result.StandardError.Contains("has been modified", StringComparison.OrdinalIgnoreCase)),
        };
    }

    private TransferException Failed(ProcessResult result, bool early, IOException? cause)
    {
        var error = ZfsException.From(_command, result);
        return new TransferException(TransferFailure.SinkFailed, $"zfs receive ended with exit code {result.ExitCode}: {error.Message}", cause is null ? error : new AggregateException(error, cause));
    }
}
