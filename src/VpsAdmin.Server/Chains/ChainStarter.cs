using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <param name="Name">Such as <c>full_download</c>.</param>
/// <param name="Label">For people.</param>
public sealed record ChainTitle(string Name, string Label);

/// <summary>What was asked for, and the chain that goes on with it.</summary>
public sealed record StartedChain<T>(T Value, long ChainId);

/// <summary>Builds chains and lets them go.</summary>
/// <param name="requests">Tells the login that a chain is asked for in; there is none where the server itself wants it.</param>
public sealed class ChainStarter(VpsAdminDb db, ChainSignals signals, TimeProvider time, IHttpContextAccessor requests)
{
    /// <summary>Whoever finds others in the way so often finds something that is wrong.</summary>
    private const int MostAttempts = 5;

    /// <summary>
    /// Runs <paramref name="build"/> in a database transaction that keeps other writers out, so that what it checks still holds when the
    /// chain is saved; when it throws, nothing was changed.
    /// </summary>
    public Task<StartedChain<T>> StartAsync<T>(ChainTitle title, long userId, Func<ChainBuilder, Task<T>> build, CancellationToken cancel) =>
        BuildAsync(title, userId, datasetId: null, build, cancel);

    /// <summary>
    /// The same for a chain about one dataset (<see cref="VpsAdminDb.BeginWritingAsync(long?, CancellationToken)"/>), which is built, and goes on, beside those about others. It may be
    /// built more than once, the last time from the beginning.
    /// </summary>
    /// <param name="datasetId">Null: it may be about any.</param>
    public async Task<StartedChain<T>> StartAsync<T>(ChainTitle title, long userId, long? datasetId, Func<ChainBuilder, Task<T>> build, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await BuildAsync(title, userId, datasetId, build, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (attempt < MostAttempts && Database.IsConflict(e))
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task<StartedChain<T>> BuildAsync<T>(ChainTitle title, long userId, long? datasetId, Func<ChainBuilder, Task<T>> build, CancellationToken cancel)
    {
        var writing = await db.BeginWritingAsync(datasetId, cancel).ConfigureAwait(false);
        await using (writing.ConfigureAwait(false))
        {
            var now = time.GetUtcNow();
            var chain = new TransactionChain
            {
                Name = title.Name, Label = title.Label, UserId = userId, SessionId = requests.HttpContext?.Features.Get<Caller>()?.SessionId, DatasetId = datasetId,
                State = ChainState.Staged, CreatedAt = now, UpdatedAt = now,
            };
            db.TransactionChains.Add(chain);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);

            var value = await build(new ChainBuilder(db, chain, time)).ConfigureAwait(false);
            if (chain.Size == 0)
                throw new InvalidOperationException($"The chain '{title.Name}' has no transactions.");

            chain.State = ChainState.Queued;
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            var news = signals.News(ChainNewsKind.Started, chain.Id);
            // With the commit where another server runs chains: it must not miss one. Here it is heard, or listed by the next server that runs them.
            var isHeard = signals.IsHeard;
            if (!isHeard)
                await db.TellServersAsync([news], cancel).ConfigureAwait(false);
            try
            {
                // Whoever hangs up now has asked for it all the same.
                await writing.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch
            {
                // It may be saved, though nobody could say so.
                signals.Started(ChainSignals.AnyChain);
                throw;
            }
            if (!signals.Started(chain.Id) && isHeard)
                signals.Tell(news);
            return new(value, chain.Id);
        }
    }

    /// <summary>The same where it may turn out, once other writers are kept out, that there is nothing to do: what was begun is taken back then.</summary>
    /// <param name="datasetId">Null: it may be about any.</param>
    /// <param name="build">False: nothing.</param>
    /// <returns>The chain; null: there is none.</returns>
    public async Task<long?> StartIfAnyAsync(ChainTitle title, long userId, long? datasetId, Func<ChainBuilder, Task<bool>> build, CancellationToken cancel)
    {
        try
        {
            return (await StartAsync(title, userId, datasetId, async chain => await build(chain).ConfigureAwait(false) ? true : throw new NothingToDoException(), cancel).ConfigureAwait(false)).ChainId;
        }
        catch (NothingToDoException)
        {
            return null;
        }
    }

    /// <summary>Takes the chain that was begun back with its database transaction.</summary>
    private sealed class NothingToDoException : Exception;
}
