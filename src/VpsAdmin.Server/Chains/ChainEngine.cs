using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Polly;
using Polly.Retry;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>
/// Hands the transactions of chains to nodes, one after another, and saves what they report. All state is in the database: what was
/// unfinished when the server stopped is handed out again, and nodes find what is done.
/// </summary>
public sealed class ChainEngine(
    IServiceScopeFactory scopes, INodeBus bus, ChainSignals signals, TimeProvider time, ILogger<ChainEngine> log) : BackgroundService
{
    // A result must not get lost because the database is busy or its disk is full for a while. What another try cannot change, such as
    // a violated key, is the matter of one chain (GuardAsync).
    private readonly ResiliencePipeline _database = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = static outcome => ValueTask.FromResult(Database.IsTransient(outcome.Outcome.Exception)),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(30),
            OnRetry = retry =>
            {
                log.LogWarning(retry.Outcome.Exception, "The database cannot be written; trying again in {Delay}", retry.RetryDelay);
                return default;
            },
        })
        .Build();

    // What is handed out goes out in the order in which it was saved: work must not reach its node behind the word that it is called off.
    private readonly SemaphoreSlim _gate = new(1, 1);

    private string? _identity;

    /// <summary>Calls a chain off. It goes back in the background, as it would after a failure.</summary>
    /// <exception cref="ActionRefusedException">What is under way has to come to its end, or the chain has.</exception>
    public async Task CancelAsync(long chainId)
    {
        // Whoever hangs up has asked for it all the same. What follows is handed out by the engine that runs, here or in another server.
        await SaveMoveAsync(
            chainId,
            static chain => ChainMachine.Cancel(chain.State, chain.Steps()) ?? throw ActionRefusedException.Refused("this action cannot be cancelled any more"),
            dispatches: false, CancellationToken.None).ConfigureAwait(false);
        signals.Changed(chainId);
        signals.CalledOff(chainId);
    }

    public override void Dispose()
    {
        base.Dispose();
        _gate.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        // Events are read from the beginning: what is handed out again may be answered at once.
        Task[] halves = [ReadEventsAsync(end.Token), StartChainsAsync(end.Token)];
        // One is of no use without the other: nothing would be told, and no chain go on.
        await Task.WhenAny(halves).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(halves).ConfigureAwait(false);
    }

    private async Task StartChainsAsync(CancellationToken cancel)
    {
        // Heard before the list is read, so that none is missed. A chain that is built meanwhile is in both.
        var waiting = signals.HearWaiting(cancel);
        var listed = await ResumeAllAsync(cancel).ConfigureAwait(false);
        await foreach (var chain in waiting.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            if (chain.Id == ChainSignals.AnyChain)
                listed = await ResumeAllAsync(cancel).ConfigureAwait(false);
            else if (!chain.IsNew || !listed.Remove(chain.Id))
                await GuardAsync(() => ResumeAsync(chain.Id, cancel), $"Chain {chain.Id}", cancel).ConfigureAwait(false);
        }
    }

    private async Task<HashSet<long>> ResumeAllAsync(CancellationToken cancel)
    {
        var unfinished = new HashSet<long>(await ReadAsync(static (db, cancel) => db.TransactionChains
            .Where(static c => c.State == ChainState.Queued || c.State == ChainState.Rollbacking)
            .OrderBy(static c => c.Id).Select(static c => c.Id).ToListAsync(cancel), cancel).ConfigureAwait(false));
        foreach (var chainId in unfinished)
        {
            log.LogInformation("Chain {Chain} goes on where it was", chainId);
            await GuardAsync(() => ResumeAsync(chainId, cancel), $"Chain {chainId}", cancel).ConfigureAwait(false);
        }
        return unfinished;
    }

    /// <summary>Also of a chain that was just built: it may have been called off before it began.</summary>
    private Task ResumeAsync(long chainId, CancellationToken cancel) =>
        MoveAsync(chainId, static chain => ChainMachine.Resume(chain.State, chain.Steps()), cancel);

    private async Task ReadEventsAsync(CancellationToken cancel)
    {
        await foreach (var nodeEvent in bus.EventsAsync(cancel).ConfigureAwait(false))
            await GuardAsync(() => HandleAsync(nodeEvent, cancel), $"Report on transaction {nodeEvent.TransactionId}", cancel).ConfigureAwait(false);
    }

    /// <summary>One chain that cannot be moved must not hold up the others. It stays as it is, locks included, for the next start.</summary>
    private async Task GuardAsync(Func<Task> move, string subject, CancellationToken cancel)
    {
        try
        {
            await move().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log.LogCritical(e, "{Subject} cannot be dealt with and waits for the next start of the server", subject);
        }
    }

    private async Task HandleAsync(NodeEvent nodeEvent, CancellationToken cancel)
    {
        switch (nodeEvent)
        {
            case TransactionFinished finished:
                await FinishAsync(finished, cancel).ConfigureAwait(false);
                break;
            case ExportProgressed progressed:
                await _database.ExecuteAsync(token => SaveProgressAsync(db => TransactionProgress.SaveAsync(db, progressed, token)), cancel).ConfigureAwait(false);
                break;
            case TransferProgressed progressed:
                await _database.ExecuteAsync(token => SaveProgressAsync(db => TransactionProgress.SaveAsync(db, progressed, token)), cancel).ConfigureAwait(false);
                break;
            default:
                log.LogWarning("A node sent {Event}, which this server does not know", nodeEvent.GetType().Name);
                break;
        }
    }

    private async Task FinishAsync(TransactionFinished finished, CancellationToken cancel)
    {
        var chainId = await ReadAsync((db, cancel) => db.Transactions.Where(t => t.Id == finished.TransactionId)
            .Select(static t => (long?)t.ChainId).SingleOrDefaultAsync(cancel), cancel).ConfigureAwait(false);
        if (chainId is null)
        {
            log.LogWarning("A node reports on transaction {Transaction}, which does not exist", finished.TransactionId);
            return;
        }

        await GuardAsync(() => MoveAsync(chainId.Value, chain => ReportedEnd.Apply(chain, finished, log), cancel), $"Chain {chainId}", cancel).ConfigureAwait(false);
    }

    /// <summary>One move of one chain, saved in one database transaction; what follows from it is handed out after that.</summary>
    private async Task MoveAsync(long chainId, Func<TransactionChain, ChainMove> decide, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var message = await SaveMoveAsync(chainId, decide, dispatches: true, cancel).ConfigureAwait(false);
            signals.Changed(chainId);
            if (message is var (nodeId, transaction))
                await bus.DispatchAsync(nodeId, transaction, cancel).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private ValueTask<(long NodeId, TransactionMessage Message)?> SaveMoveAsync(
        long chainId, Func<TransactionChain, ChainMove> decide, bool dispatches, CancellationToken cancel) =>
        _database.ExecuteAsync(token => TrySaveMoveAsync(chainId, decide, dispatches, token), cancel);

    /// <param name="dispatches">What follows is handed out by the caller; else it is told to the server that runs chains.</param>
    private async ValueTask<(long NodeId, TransactionMessage Message)?> TrySaveMoveAsync(
        long chainId, Func<TransactionChain, ChainMove> decide, bool dispatches, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var databaseTransaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await using var __ = databaseTransaction.ConfigureAwait(false);

        // Another server may call it off in this moment.
        await db.KeepChainAsync(chainId, cancel).ConfigureAwait(false);
        var chain = await db.TransactionChains.Include(static c => c.Transactions.OrderBy(static t => t.Position))
            .ThenInclude(static t => t.Confirmations).SingleAsync(c => c.Id == chainId, cancel).ConfigureAwait(false);
        var before = chain.Transactions.ConvertAll(static t => t.State);
        var move = decide(chain);
        if (move.Order is ChainOrder.Close)
            await db.KeepWritersOutAsync(cancel).ConfigureAwait(false);

        var now = time.GetUtcNow();
        foreach (var (transaction, state) in chain.Transactions.Zip(move.Steps))
        {
            if (state is StepState.Running)
                transaction.StartedAt ??= now;
            else if (transaction.State is StepState.Running)
                transaction.FinishedAt = now;
            transaction.State = state;
        }
        foreach (var (transaction, was) in chain.Transactions.Zip(before))
        {
            if (was is StepState.Running && transaction.State is StepState.Done)
                await TransactionOutput.SaveAsync(db, transaction, cancel).ConfigureAwait(false);
        }

        chain.State = move.State;
        chain.Progress = ChainMachine.Progress(chain.Steps());
        chain.UpdatedAt = now;
        var ending = new ChainEnding(db, chain, time);
        if (move.Order is ChainOrder.Close)
        {
            foreach (var end in scope.ServiceProvider.GetServices<IChainEnd>())
                await end.EndingAsync(db, ending, cancel).ConfigureAwait(false);
            await ChainClosing.CloseAsync(db, chain, cancel).ConfigureAwait(false);
        }
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        foreach (var news in News(chain, ending, dispatches))
            await db.TellServersAsync(news, cancel).ConfigureAwait(false);
        await databaseTransaction.CommitAsync(cancel).ConfigureAwait(false);
        foreach (var started in ending.Started)
            signals.Started(started);
        foreach (var (transaction, was) in chain.Transactions.Zip(before))
            ChainTelemetry.Moved(transaction, was);

        if (ChainMachine.IsFinished(chain.State))
        {
            log.LogInformation("Chain {Chain} ({Label}) ended: {State}", chain.Id, chain.Label, chain.State);
            if (IsExport(chain))
                signals.ExportEnded();
        }
        if (move.Order is not (ChainOrder.Run or ChainOrder.Undo))
            return null;
        _identity ??= await db.Identity.Select(static i => i.Name).SingleAsync(cancel).ConfigureAwait(false);
        var next = chain.Transactions[move.Step];
        var input = await TransactionInput.CompleteAsync(db, next, cancel).ConfigureAwait(false);
        return (next.NodeId, Message(next, input, move.Order is ChainOrder.Undo, _identity));
    }

    private IEnumerable<ChainNews> News(TransactionChain chain, ChainEnding ending, bool dispatches)
    {
        yield return signals.News(ChainNewsKind.Changed, chain.Id);
        if (!dispatches)
            yield return signals.News(ChainNewsKind.CalledOff, chain.Id);
        foreach (var started in ending.Started)
            yield return signals.News(ChainNewsKind.Started, started);
        if (ChainMachine.IsFinished(chain.State) && IsExport(chain))
            yield return signals.News(ChainNewsKind.ExportEnded);
    }

    private static bool IsExport(TransactionChain chain) => chain.Transactions.Exists(static t => t.Type is TransactionType.DownloadSnapshot);

    private async ValueTask SaveProgressAsync(Func<VpsAdminDb, Task> save)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        await save(scope.ServiceProvider.GetRequiredService<VpsAdminDb>()).ConfigureAwait(false);
    }

    private async Task<T> ReadAsync<T>(Func<VpsAdminDb, CancellationToken, Task<T>> query, CancellationToken cancel) =>
        await _database.ExecuteAsync(async token =>
        {
            var scope = scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            return await query(scope.ServiceProvider.GetRequiredService<VpsAdminDb>(), token).ConfigureAwait(false);
        }, cancel).ConfigureAwait(false);

    private static TransactionMessage Message(Transaction transaction, JsonNode input, bool undo, string identity) => new(
        transaction.Id, transaction.ChainId, transaction.Type, undo, undo ? TransactionTraits.RollbackQueue : transaction.Queue, input)
    {
        Installation = identity,
        Nonce = transaction.Nonce,
    };
}
