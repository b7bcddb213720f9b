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
    /// snapshots: things are as they were only when later looks find them so. Kernels are done when the process is gone.
    /// </summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    private const int LooksAtDaemon = 6;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private OwnedProcess? _receive;
    private IReadOnlyList<ZfsSnapshot>? _before;
    private bool _dropsPartial;
    private bool _isComplete;

    public async Task OpenAsync(CancellationToken cancel)
    {
        if (await host.ExistsAsync(dataset, cancel).ConfigureAwait(false))
        {
            _before = await host.ListSnapshotsAsync(dataset, 0, cancel).ConfigureAwait(false);
            // A partial receive of another: it makes this one fail, and stays.
            _dropsPartial = options.Resumable && await host.GetResumeTokenAsync(dataset, cancel).ConfigureAwait(false) is null;
        }
        _receive = await host.StartReceiveAsync(dataset, options, cancel).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        var receive = _receive!;
        if (receive.Completion.IsCompleted)
            throw await DeathAsync(receive, null).ConfigureAwait(false);
        var writing = receive.StandardInput.WriteAsync(decoded, CancellationToken.None).AsTask();
        try
        {
            await writing.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw await DeathAsync(receive, e).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A write into a full pipe ends only with its reader, and the bytes must not be reused before.
            await receive.KillAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    public async Task CompleteAsync(CancellationToken cancel)
    {
        try
        {
            await _receive!.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw await DeathAsync(_receive!, e).ConfigureAwait(false);
        }
        var result = await _receive.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw Failed(_receive, result, null);
        _isComplete = true;
    }

    public Task AbortAsync() => AbortAsync(null, []);

    public async Task AbortAsync(Exception? reason, IReadOnlyList<ReplaySubstream> delivered)
    {
        if (_receive is null || _isComplete)
            return;
        await _receive.KillAsync().ConfigureAwait(false);
        var undo = new ReceiveUndo(host, dataset, _before, delivered.Select(static s => s.ToGuid).ToHashSet());
        using var limit = new CancellationTokenSource(LongestRestore, _time);
        try
        {
            if (IsRefusal(await _receive.Completion.ConfigureAwait(false), delivered))
            {
                await undo.ExplainAsync(limit.Token).ConfigureAwait(false);
                return;
            }
            await DropPartialAsync(limit.Token).ConfigureAwait(false);
            await undo.RunAsync(limit.Token).ConfigureAwait(false);
            var isDaemon = !(await host.GetCapabilitiesAsync(limit.Token).ConfigureAwait(false)).ReceiveResumable;
            for (var looks = isDaemon && delivered.Count > 0 ? LooksAtDaemon : 1; looks > 0; looks--)
            {
                await Task.Delay(BetweenLooks, _time, limit.Token).ConfigureAwait(false);
                await undo.RunAsync(limit.Token).ConfigureAwait(false);
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

    /// <summary>What <c>receive -s</c> kept of this stream: its hidden child %recv is a clone of the newest snapshot, under which nothing can be rolled back.</summary>
    private async Task DropPartialAsync(CancellationToken cancel)
    {
        if (_dropsPartial && await host.GetResumeTokenAsync(dataset, cancel).ConfigureAwait(false) is not null)
            await host.DropPartialReceiveAsync(dataset, cancel).ConfigureAwait(false);
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
        return ZfsException.From(_receive!.Command, result).Failure switch
        {
            ZfsFailure.AlreadyExists => true,
            ZfsFailure.Busy => !mayHaveCommitted,
            _ => result.StandardError.Contains("match incremental source", StringComparison.OrdinalIgnoreCase)
                || (!mayHaveCommitted && result.StandardError.Contains("has been modified", StringComparison.OrdinalIgnoreCase)),
        };
    }

    /// <summary>The child closed its input: it has ended, or means to.</summary>
    private static async Task<TransferException> DeathAsync(OwnedProcess receive, IOException? cause)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await receive.Completion.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await receive.KillAsync().ConfigureAwait(false);
        }
        return Failed(receive, await receive.Completion.ConfigureAwait(false), cause);
    }

    private static TransferException Failed(OwnedProcess receive, ProcessResult result, Exception? cause)
    {
        var error = ZfsException.From(receive.Command, result);
        return new TransferException(TransferFailure.SinkFailed, $"zfs receive ended with exit code {result.ExitCode}: {error.Message}", cause is null ? error : new AggregateException(error, cause));
    }
}
