using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Pump;

/// <summary>One run of the pump: read the state, GET, decide; until the file is here and verified (spec 4.4, 10.1).</summary>
internal sealed class TransferRun : IAsyncDisposable
{
    /// <summary>
    /// How often a finding that may be a web server's stale view of the file (NFS caches attributes for seconds) is looked at again
    /// before it is believed: about sixteen seconds in all.
    /// </summary>
    private const int MostDoubts = 6;

    /// <summary>A file that keeps changing is not waited for.</summary>
    private const int MostRestarts = 5;

    private readonly TransferOptions _options;
    private readonly TimeProvider _time;
    private readonly TokenBucket? _bucket;
    private readonly IExport _export;
    private readonly TransferSink _sink;
    private readonly ExportFile _file;
    private readonly ProgressMeter _meter;
    private readonly Intake _intake;
    private readonly Faults _faults;
    private readonly AdaptiveWait _wait;
    private readonly RemoteWatch _remote;
    private ChunkRepair? _repair;
    private bool _isInPieces;
    private int _restarts;
    private int _retries;
    private int _doubts;

    public TransferRun(
        HttpClient http, TransferOptions options, TimeProvider time, TokenBucket? bucket, IExport export, TransferSink sink,
        IProgress<TransferProgress>? progress)
    {
        _options = options;
        _time = time;
        _bucket = bucket;
        _export = export;
        _sink = sink;
        _file = new ExportFile(http, options.EffectiveStallTimeout, time);
        _meter = new ProgressMeter(progress, time);
        _intake = new Intake(sink, _meter);
        _faults = new Faults(options, time, OnRetry);
        _wait = new AdaptiveWait(time);
        _remote = new RemoteWatch(sink);
    }

    public async Task<TransferResult> RunAsync(CancellationToken cancel)
    {
        var started = _time.GetTimestamp();
        try
        {
            await _intake.OpenAsync(new RetriedExport(_export, _faults), NewRepair, cancel).ConfigureAwait(false);
            var resumedFrom = _intake.Position;
            _isInPieces = resumedFrom > 0;
            _remote.Begin();
            await ReceiveAsync(cancel).ConfigureAwait(false);
            _meter.Enter(TransferPhase.Verifying);
            var digest = await _intake.DigestAsync(cancel).ConfigureAwait(false);
            await _intake.CommitAsync(cancel).ConfigureAwait(false);
            _meter.Enter(TransferPhase.Done);
            return new TransferResult(_intake.Position, resumedFrom, digest, _options.VerifyChecksum, _time.GetElapsedTime(started), _retries, _repair?.Bytes ?? 0);
        }
        catch (Exception e)
        {
            await AbortAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _intake.DisposeAsync();

    /// <summary>Returns when the whole file is in the sink and is what the server says it should be.</summary>
    private async Task ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            var before = _intake.Position;
            var step = await NextAsync(cancel).ConfigureAwait(false);
            if (_intake.Position != before)
            {
                _wait.Reset();
                _doubts = 0;
            }
            switch (step.Outcome)
            {
                case StepOutcome.AskOn:
                    break;
                case StepOutcome.NothingNew:
                    _meter.Enter(TransferPhase.Waiting);
                    await _wait.PauseAsync(cancel).ConfigureAwait(false);
                    break;
                case StepOutcome.Interrupted:
                    OnRetry(step.Fault!, TimeSpan.Zero);
                    await _wait.PauseAsync(cancel).ConfigureAwait(false);
                    break;
                case StepOutcome.AtEnd:
                    if (step.Objection is not { } objection)
                        return;
                    if (_doubts < MostDoubts)
                        await DoubtAsync(cancel).ConfigureAwait(false);
                    else if (!await TryAnewAsync(objection, cancel).ConfigureAwait(false))
                        throw objection;
                    break;
                case StepOutcome.Shrunk:
                    if (_doubts < MostDoubts)
                        await DoubtAsync(cancel).ConfigureAwait(false);
                    else
                        await RestartAsync(cancel).ConfigureAwait(false);
                    break;
                case StepOutcome.Rewritten:
                    await RestartAsync(cancel).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async Task<Step> NextAsync(CancellationToken cancel)
    {
        try
        {
            var step = await _faults.ExecuteAsync(StepAsync, cancel).ConfigureAwait(false);
            return step.Outcome == StepOutcome.AtEnd ? step with { Objection = await ObjectionAsync(step.State, cancel).ConfigureAwait(false) } : step;
        }
        catch (RewrittenException)
        {
            return new Step(StepOutcome.Rewritten, null!);
        }
    }

    /// <summary>Read the state, then GET, then decide: this order makes the end free of races.</summary>
    private async Task<Step> StepAsync(CancellationToken cancel)
    {
        var state = await RetriedExport.ReadOnceAsync(_export, cancel).ConfigureAwait(false);
        // A file that looks different is asked for what is here already as well.
        var from = _intake.Position - (_remote.IsSuspect ? _intake.Recent : 0);
        using var response = await _file.GetAsync(state.Url, from, cancel).ConfigureAwait(false);
        var head = ExportFile.HeadOf(response);
        var total = Decision.TotalOf(head);
        _meter.Expect(state.SizeMiB, state.Ready ? total : null);

        var verdict = Decision.OfHead(head, from, state.Ready);
        switch (verdict)
        {
            case HeadVerdict.Append:
            case HeadVerdict.SkipThenAppend:
                var remote = state.Ready ? RemoteFile.Of(response, total) : null;
                if (_intake.Position > 0 && _remote.BecomesSuspect(remote))
                    return new Step(StepOutcome.AskOn, state);
                return await TakeAsync(state, response, remote, total, verdict, cancel).ConfigureAwait(false);
            case HeadVerdict.AtEnd:
                return new Step(StepOutcome.AtEnd, state);
            case HeadVerdict.NothingNew:
                return new Step(StepOutcome.NothingNew, state);
            case HeadVerdict.Shrunk:
                return new Step(StepOutcome.Shrunk, state);
            case HeadVerdict.TryAgain:
                throw new TransferFault($"{state.Url.Authority} answered {head.Status}.", null, _file.RetryAfterOf(response));
            case HeadVerdict.Missing:
                throw new TransferFault(
                    $"The file of download {_export.Id} is not on {state.Url.Authority}, though its record is.", null, null, TransferFailure.ExportVanished);
            case HeadVerdict.WrongRange:
                throw new TransferException(TransferFailure.BadResponse,
                    $"{state.Url.Authority} was asked for bytes from {_intake.Position} on and answered with '{response.Content.Headers.ContentRange}'.");
            default:
                throw new TransferException(TransferFailure.BadResponse, $"{state.Url.Authority} refuses the file: {head.Status} {response.ReasonPhrase}.");
        }
    }

    private async Task<Step> TakeAsync(ExportState state, HttpResponseMessage response, RemoteFile? remote, long? total, HeadVerdict verdict, CancellationToken cancel)
    {
        var before = _intake.Position;
        _isInPieces |= before > 0;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
            using var body = new PacedBody(stream, _bucket, _options, _time);
            if (!await IsContinuationAsync(body, verdict, cancel).ConfigureAwait(false))
                return new Step(StepOutcome.Rewritten, state);
            _remote.Accept(remote);
            await _intake.TakeAsync(body, cancel).ConfigureAwait(false);
        }
        catch (TransferFault fault) when (_intake.Position > before)
        {
            return new Step(StepOutcome.Interrupted, state, fault);
        }
        return Decision.OfBody(_intake.Position, total, state.Ready) switch
        {
            BodyVerdict.AskOn => new Step(StepOutcome.AskOn, state),
            BodyVerdict.NothingNew => new Step(StepOutcome.NothingNew, state),
            _ => new Step(StepOutcome.AtEnd, state),
        };
    }

    /// <summary>What precedes the new bytes in the body, if anything, is what is here.</summary>
    private Task<bool> IsContinuationAsync(PacedBody body, HeadVerdict verdict, CancellationToken cancel) => verdict switch
    {
        HeadVerdict.SkipThenAppend => _intake.SkipKnownAsync(body, cancel),
        _ when _remote.IsSuspect => _intake.SkipRecentAsync(body, cancel),
        _ => Task.FromResult(true),
    };

    private ChunkRepair NewRepair(IStoredSink stored) => _repair = new ChunkRepair(_export, _file, stored, _options, _time, _bucket);

    /// <summary>What speaks against what is here being the whole file; null: nothing.</summary>
    private async Task<TransferException?> ObjectionAsync(ExportState state, CancellationToken cancel)
    {
        var position = _intake.Position;
        var digest = await _intake.DigestAsync(cancel).ConfigureAwait(false);
        if (!_options.VerifyChecksum)
        {
            // The server rounds down: fewer whole MiB than it says is certainly short.
            return position / (1024 * 1024) < state.SizeMiB
                ? new TransferException(TransferFailure.BadResponse, $"The server says that download {_export.Id} has {state.SizeMiB} MiB and serves only {position} bytes.")
                : null;
        }
        if (state.Sha256 is null)
            return new TransferException(TransferFailure.BadResponse, $"The server has no SHA-256 of download {_export.Id}, though it is ready. Without it the file cannot be verified.");
        return string.Equals(state.Sha256, digest, StringComparison.OrdinalIgnoreCase)
            ? null
            : new TransferException(TransferFailure.ChecksumMismatch,
                $"The SHA-256 of download {_export.Id} should be {state.Sha256}; the {position} bytes that arrived have {digest}. Nothing was kept; transfer it again.");
    }

    /// <summary>Looks again later.</summary>
    private Task DoubtAsync(CancellationToken cancel)
    {
        _doubts++;
        _meter.Enter(TransferPhase.Waiting);
        return _wait.PauseAsync(cancel);
    }

    /// <summary>
    /// A file that came in pieces may be made of two, the server having written it anew between them. It is fetched again in one, once, where
    /// the sink can begin again.
    /// </summary>
    private async Task<bool> TryAnewAsync(TransferException objection, CancellationToken cancel)
    {
        if (objection.Failure != TransferFailure.ChecksumMismatch || !_isInPieces || _restarts > 0 || !await _intake.RestartAsync(cancel).ConfigureAwait(false))
            return false;
        BeginAgain(new TransferFault("The file that arrived in pieces is not the server's; starting over."));
        return true;
    }

    private async Task RestartAsync(CancellationToken cancel)
    {
        if (_restarts == MostRestarts || !await _intake.RestartAsync(cancel).ConfigureAwait(false))
            throw new TransferException(TransferFailure.ExportRewritten,
                $"The server wrote the file of download {_export.Id} anew while it was being transferred, "
                + (_restarts > 0 ? "again and again. Try later." : "and its bytes cannot be taken back from where they went. Transfer it again."));
        BeginAgain(new TransferFault("The server wrote the file anew; starting over."));
    }

    private void BeginAgain(TransferFault reason)
    {
        _restarts++;
        OnRetry(reason, TimeSpan.Zero);
        _wait.Reset();
        _doubts = 0;
        _remote.Forget();
        _isInPieces = false;
    }

    private void OnRetry(TransferFault fault, TimeSpan pause)
    {
        _retries++;
        _meter.Enter(TransferPhase.Retrying, pause > TimeSpan.Zero ? $"{fault.Message} Next try in {pause.TotalSeconds:0.#} s." : fault.Message);
    }

    /// <summary>A part that failed its checksum must not be continued by the next run (BUG-10); any other is worth keeping.</summary>
    private async Task AbortAsync(Exception reason)
    {
        var keepPart = reason is not TransferException { Failure: TransferFailure.ChecksumMismatch or TransferFailure.BadStream };
        await _intake.StopAsync().ConfigureAwait(false);
        try
        {
            await _sink.AbortAsync(keepPart, reason).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw new TransferException((reason as TransferException)?.Failure ?? TransferFailure.SinkFailed, $"{reason.Message} {e.Message}", new AggregateException(reason, e));
        }
    }

    private enum StepOutcome
    {
        AskOn,
        NothingNew,
        AtEnd,
        /// <summary>The connection broke after it had brought something.</summary>
        Interrupted,
        Shrunk,
        Rewritten,
    }

    private sealed record Step(StepOutcome Outcome, ExportState State, TransferFault? Fault = null, TransferException? Objection = null);
}
