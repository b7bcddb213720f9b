using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>
/// Hands the transactions of chains to nodes, those of one chain one after another, and saves what they report. All state is in the database: what was
/// unfinished when the server stopped is handed out again, and nodes find what is done.
/// </summary>
public sealed class ChainEngine(
    IServiceScopeFactory scopes, INodeBus bus, ChainSignals signals, TimeProvider time, ILogger<ChainEngine> log) : BackgroundService
{
    private static readonly TimeSpan TellingPatience = TimeSpan.FromSeconds(5);

    private readonly ChainMoves _moves = new(scopes, signals, time, log);

    /// <summary>Calls a chain off. It goes back in the background, as it would after a failure.</summary>
    /// <exception cref="ActionRefusedException">What is under way has to come to its end, or the chain has.</exception>
    public async Task CancelAsync(long chainId)
    {
        // Whoever hangs up has asked for it all the same. What follows is handed out by the engine that runs, here or in another server.
        var isAgain = false;
        await _moves.SaveAsync(chainId, chain => Cancel(chain, Interlocked.Exchange(ref isAgain, true)), dispatches: false, CancellationToken.None).ConfigureAwait(false);
        signals.CalledOff(chainId);
    }

    /// <param name="isAgain">The try before may have been saved, though the database could not say so.</param>
    private static ChainMove Cancel(TransactionChain chain, bool isAgain) => ChainMachine.Cancel(chain.State, chain.Steps())
        ?? (isAgain && !ChainMachine.IsGood(chain.State) ? ChainMachine.Resume(chain.State, chain.Steps()) : throw ActionRefusedException.Refused("this action cannot be cancelled any more"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        // What is handed out for a chain goes out in the order in which it was saved: work must not reach its node behind the word that it is called off.
        var work = new KeyedWork();
        // Events are read from the beginning: what is handed out again may be answered at once.
        Task[] halves = [ReadReportsAsync(work, end.Token), StartChainsAsync(work, end.Token)];
        // One is of no use without the other: nothing would be told, and no chain go on.
        await Task.WhenAny(halves).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(halves)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Another server may begin when this one has ended.
        await work.EndAsync().ConfigureAwait(false);
        await TellAnyAsync().ConfigureAwait(false);
        await Task.WhenAll(halves).ConfigureAwait(false);
    }

    /// <summary>Another server may have begun already, where this one was cut off: it has not seen what was started here since, nor what was saved and not handed out any more.</summary>
    private async Task TellAnyAsync()
    {
        using var patience = new CancellationTokenSource(TellingPatience, time);
        try
        {
            await _moves.UseAsync(async (db, token) =>
            {
                await db.TellServersAsync([signals.News(ChainNewsKind.Started)], token).ConfigureAwait(false);
                return true;
            }, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.LogWarning("The server that runs chains now could not be told to look at all of them: {Reason}", e.Message);
        }
    }

    private async Task StartChainsAsync(KeyedWork work, CancellationToken cancel)
    {
        // Heard before the list is read, so that none is missed. A chain that is built meanwhile is in both.
        var waiting = signals.HearWaiting(cancel);
        var listed = await ResumeAllAsync(work, cancel).ConfigureAwait(false);
        await foreach (var chain in waiting.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            if (chain.Id == ChainSignals.AnyChain)
                listed = await ResumeAllAsync(work, cancel).ConfigureAwait(false);
            else if (!chain.IsNew || !listed.Remove(chain.Id))
                Resume(work, chain.Id, cancel);
        }
    }

    private async Task<HashSet<long>> ResumeAllAsync(KeyedWork work, CancellationToken cancel)
    {
        var unfinished = new HashSet<long>(await _moves.UseAsync(static (db, cancel) => db.TransactionChains
            .Where(static c => c.State == ChainState.Queued || c.State == ChainState.Rollbacking)
            .OrderBy(static c => c.Id).Select(static c => c.Id).ToListAsync(cancel), cancel).ConfigureAwait(false));
        foreach (var chainId in unfinished)
        {
            log.LogInformation("Chain {Chain} goes on where it was", chainId);
            Resume(work, chainId, cancel);
        }
        return unfinished;
    }

    /// <summary>Also of a chain that was just built: it may have been called off before it began.</summary>
    private void Resume(KeyedWork work, long chainId, CancellationToken cancel) =>
        work.Add(chainId, () => GuardAsync(() => MoveAsync(chainId, static chain => ChainMachine.Resume(chain.State, chain.Steps()), cancel), $"Chain {chainId}", cancel));

    private async Task ReadReportsAsync(KeyedWork work, CancellationToken cancel)
    {
        await foreach (var report in bus.ReportsAsync(cancel).ConfigureAwait(false))
        {
            var chainId = await ChainOfAsync(report.Event.TransactionId, cancel).ConfigureAwait(false);
            var subject = $"Report on transaction {report.Event.TransactionId}";
            // One that cannot be dealt with is acknowledged too: its chain is handed out again at the next start.
            work.Add(chainId, () => GuardAsync(() => report.DealAsync(nodeEvent => GuardAsync(() => HandleAsync(chainId, nodeEvent, cancel), subject, cancel), cancel), subject, cancel));
        }
    }

    /// <returns>0: there is none.</returns>
    private async Task<long> ChainOfAsync(long transactionId, CancellationToken cancel)
    {
        var chainId = 0L;
        await GuardAsync(
            async () => chainId = await _moves.UseAsync(
                (db, cancel) => db.Transactions.Where(t => t.Id == transactionId).Select(static t => t.ChainId).SingleOrDefaultAsync(cancel), cancel).ConfigureAwait(false),
            $"Report on transaction {transactionId}", cancel).ConfigureAwait(false);
        return chainId;
    }

    /// <summary>One chain that cannot be moved must not hold up the others. It stays as it is, locks included, for the next start.</summary>
    /// <exception cref="OperationCanceledException">
    /// This server runs no chains any more, whatever the failure is called by which it has noticed: what was not saved is another's to do, and no report of it may be acknowledged.
    /// </exception>
    private async Task GuardAsync(Func<Task> move, string subject, CancellationToken cancel)
    {
        try
        {
            await move().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{subject} is left to the server that runs chains next.", e, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogCritical(e, "{Subject} cannot be dealt with and waits for the next start of the server", subject);
        }
    }

    private async Task HandleAsync(long chainId, NodeEvent nodeEvent, CancellationToken cancel)
    {
        if (chainId == 0)
        {
            log.LogWarning("A node reports on transaction {Transaction}, which does not exist", nodeEvent.TransactionId);
            return;
        }

        switch (nodeEvent)
        {
            case TransactionFinished finished:
                await MoveAsync(chainId, chain => ReportedEnd.Apply(chain, finished, log), cancel).ConfigureAwait(false);
                break;
            case ExportProgressed progressed:
                await _moves.UseAsync((db, token) => TransactionProgress.SaveAsync(db, progressed, token), cancel).ConfigureAwait(false);
                break;
            case TransferProgressed progressed:
                await _moves.UseAsync((db, token) => TransactionProgress.SaveAsync(db, progressed, token), cancel).ConfigureAwait(false);
                break;
            default:
                log.LogWarning("A node sent {Event}, which this server does not know", nodeEvent.GetType().Name);
                break;
        }
    }

    public override void Dispose()
    {
        _moves.Dispose();
        base.Dispose();
    }

    /// <summary>One move of one chain; what follows from it is handed out when it is saved.</summary>
    private async Task MoveAsync(long chainId, Func<TransactionChain, ChainMove> decide, CancellationToken cancel)
    {
        if (await _moves.SaveAsync(chainId, decide, dispatches: true, cancel).ConfigureAwait(false) is not { } next)
            return;
        try
        {
            await bus.DispatchAsync(next.NodeId, next.Message, cancel).ConfigureAwait(false);
        }
        catch (UndeliverableException e)
        {
            // As if the node had said so.
            var failed = new TransactionFinished(next.Message.Id, Success: false, Output: null, e.Message) { Rollback = next.Message.Rollback, Nonce = next.Message.Nonce };
            await MoveAsync(chainId, chain => ReportedEnd.Apply(chain, failed, log), cancel).ConfigureAwait(false);
        }
    }
}
