using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Polly;
using Polly.Retry;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>What is to be handed out when a move is saved.</summary>
internal sealed record Dispatch(long NodeId, TransactionMessage Message);

/// <summary>Saves moves of chains, each in one database transaction, and tells of them.</summary>
internal sealed class ChainMoves(IServiceScopeFactory scopes, ChainSignals signals, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Each takes a connection of the database meanwhile, of which requests need most.</summary>
    private const int MostAtOnce = 16;

    /// <summary>Held while the database is used, and not while anybody waits for a broker: chains whose nodes cannot be reached keep no others waiting.</summary>
    private readonly SemaphoreSlim _places = new(MostAtOnce, MostAtOnce);

    // A result must not get lost because the database is busy or its disk is full for a while. What another try cannot change, such as
    // a violated key, is the matter of one chain.
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

    private string? _identity;

    /// <summary>Does something with the database, again and again while that is away.</summary>
    public Task<T> UseAsync<T>(Func<VpsAdminDb, CancellationToken, Task<T>> use, CancellationToken cancel) =>
        PersistAsync((services, token) => use(services.GetRequiredService<VpsAdminDb>(), token), cancel);

    /// <param name="chainId">Of the chain.</param>
    /// <param name="decide">The move; what it changes in the chain is saved too.</param>
    /// <param name="dispatches">What follows is handed out by the caller; else it is told to the server that runs chains.</param>
    /// <param name="cancel">Ends the attempts.</param>
    /// <returns>Null: there is nothing to hand out.</returns>
    public async Task<Dispatch?> SaveAsync(long chainId, Func<TransactionChain, ChainMove> decide, bool dispatches, CancellationToken cancel)
    {
        var (tries, hasStarted) = (0, false);
        // The one before may have been saved, though nobody could say so: then nothing is left to decide, but what follows was not handed out.
        var dispatch = await PersistAsync(
            (services, token) => TrySaveAsync(services, chainId, ++tries > 1 && dispatches ? DecideAgain : decide, dispatches, () => hasStarted = true, token), cancel).ConfigureAwait(false);
        signals.Changed(chainId);
        // What a try before has started is not known to the last one.
        if (tries > 1 && hasStarted)
            signals.Started(ChainSignals.AnyChain);
        return dispatch;

        ChainMove DecideAgain(TransactionChain chain)
        {
            var move = decide(chain);
            return move.Order is ChainOrder.None ? ChainMachine.Resume(chain.State, chain.Steps()) : move;
        }
    }

    private async Task<T> PersistAsync<T>(Func<IServiceProvider, CancellationToken, Task<T>> attempt, CancellationToken cancel) =>
        await _database.ExecuteAsync(async token =>
        {
            await _places.WaitAsync(token).ConfigureAwait(false);
            try
            {
                var scope = scopes.CreateAsyncScope();
                await using var _ = scope.ConfigureAwait(false);
                return await attempt(scope.ServiceProvider, token).ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }, cancel).ConfigureAwait(false);

    private async Task<Dispatch?> TrySaveAsync(IServiceProvider services, long chainId, Func<TransactionChain, ChainMove> decide, bool dispatches, Action starting, CancellationToken cancel)
    {
        var db = services.GetRequiredService<VpsAdminDb>();
        // Another server may call it off in this moment.
        var moving = await db.BeginMovingAsync(chainId, cancel).ConfigureAwait(false);
        await using var _ = moving.ConfigureAwait(false);
        var chain = await db.TransactionChains.Include(static c => c.Transactions.OrderBy(static t => t.Position)).AsSingleQuery()
            .SingleAsync(c => c.Id == chainId, cancel).ConfigureAwait(false);
        var before = chain.Transactions.ConvertAll(static t => t.State);
        var move = decide(chain);
        var ending = new ChainEnding(db, chain, time);
        await ApplyAsync(db, chain, move, cancel).ConfigureAwait(false);
        if (move.Order is ChainOrder.Close)
            await CloseAsync(services, db, chain, ending, cancel).ConfigureAwait(false);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        if (WaitingNews(chain, ending, dispatches) is { Count: > 0 } news)
            await db.TellServersAsync(news, cancel).ConfigureAwait(false);
        if (ending.Started.Any())
            starting();
        // Before it is saved: afterwards nobody would ask for it again.
        var dispatch = move.Order is ChainOrder.Run or ChainOrder.Undo
            ? await DispatchOfAsync(db, chain.Transactions[move.Step], move.Order is ChainOrder.Undo, cancel).ConfigureAwait(false)
            : null;
        await moving.CommitAsync(cancel).ConfigureAwait(false);
        Tell(chain, before, ending);
        return dispatch;
    }

    private async Task ApplyAsync(VpsAdminDb db, TransactionChain chain, ChainMove move, CancellationToken cancel)
    {
        // Before any row is read that others decide by.
        if (move.Order is ChainOrder.Close)
            await db.KeepWritersOutAsync(chain.DatasetId, cancel).ConfigureAwait(false);
        var done = chain.Transactions.Zip(move.Steps).Where(static step => HasDone(step.First.State, step.Second)).Select(static step => step.First).ToList();
        if (move.Order is ChainOrder.Close || done.Count > 0)
            await db.Confirmations.Where(c => c.Transaction.ChainId == chain.Id).LoadAsync(cancel).ConfigureAwait(false);
        chain.Apply(move, time.GetUtcNow());
        foreach (var transaction in done)
            await TransactionOutput.SaveAsync(db, transaction, cancel).ConfigureAwait(false);
    }

    private static bool HasDone(StepState was, StepState state) => was is StepState.Running && state is StepState.Done;

    private static async Task CloseAsync(IServiceProvider services, VpsAdminDb db, TransactionChain chain, ChainEnding ending, CancellationToken cancel)
    {
        foreach (var end in services.GetServices<IChainEnd>())
            await end.EndingAsync(db, ending, cancel).ConfigureAwait(false);
        await ChainClosing.CloseAsync(db, chain, cancel).ConfigureAwait(false);
    }

    /// <summary>Of chains that wait for the server that runs them, which must not miss one.</summary>
    private List<ChainNews> WaitingNews(TransactionChain chain, ChainEnding ending, bool dispatches) =>
    [
        .. dispatches ? [] : new[] { signals.News(ChainNewsKind.CalledOff, chain.Id) },
        .. ending.Started.Select(started => signals.News(ChainNewsKind.Started, started)),
    ];

    /// <summary>When it is saved.</summary>
    private void Tell(TransactionChain chain, List<StepState> before, ChainEnding ending)
    {
        foreach (var started in ending.Started)
            signals.Started(started);
        signals.Tell(signals.News(ChainNewsKind.Changed, chain.Id));
        foreach (var (transaction, was) in chain.Transactions.Zip(before))
            ChainTelemetry.Moved(transaction, was);
        if (!ChainMachine.IsFinished(chain.State))
            return;
        log.LogInformation("Chain {Chain} ({Label}) ended: {State}", chain.Id, chain.Label, chain.State);
        if (!chain.IsExport())
            return;
        signals.ExportEnded();
        signals.Tell(signals.News(ChainNewsKind.ExportEnded));
    }

    public void Dispose() => _places.Dispose();

    private async Task<Dispatch> DispatchOfAsync(VpsAdminDb db, Transaction next, bool undo, CancellationToken cancel)
    {
        _identity ??= await db.Identity.Select(static i => i.Name).SingleAsync(cancel).ConfigureAwait(false);
        var input = await TransactionInput.CompleteAsync(db, next, cancel).ConfigureAwait(false);
        return new(next.NodeId, Message(next, input, undo, _identity));
    }

    private static TransactionMessage Message(Transaction transaction, JsonNode input, bool undo, string identity) => new(
        transaction.Id, transaction.ChainId, transaction.Type, undo, undo ? TransactionTraits.RollbackQueue : transaction.Queue, input)
    {
        Installation = identity,
        Nonce = transaction.Nonce,
    };
}
