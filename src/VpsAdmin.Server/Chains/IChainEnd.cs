using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Wants to know of chains that end, before their confirmations are carried out and in the same database transaction.</summary>
public interface IChainEnd
{
    Task EndingAsync(VpsAdminDb db, ChainEnding ending, CancellationToken cancel);
}

/// <summary>A chain at its end; its state is the last one already. What is started here begins when that is saved.</summary>
public sealed class ChainEnding(VpsAdminDb db, TransactionChain chain, TimeProvider time)
{
    private readonly List<TransactionChain> _started = [];

    public TransactionChain Chain => chain;

    /// <summary>Chains to hand to the engine when the end is saved.</summary>
    internal IEnumerable<long> Started => _started.Select(static c => c.Id);

    public async Task StartAsync(ChainTitle title, long userId, Func<ChainBuilder, Task> build, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var next = new TransactionChain { Name = title.Name, Label = title.Label, UserId = userId, State = ChainState.Queued, CreatedAt = now, UpdatedAt = now };
        db.TransactionChains.Add(next);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await build(new ChainBuilder(db, next, time)).ConfigureAwait(false);
        _started.Add(next);
    }
}
