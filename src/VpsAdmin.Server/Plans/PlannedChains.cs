using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Plans;

/// <summary>A chain that a plan wants to start.</summary>
/// <param name="Subject">For the log.</param>
/// <param name="InPoolId">The dataset on a pool that it locks, one chain at a time; null: it is not known.</param>
/// <param name="Start">The chain; null: there is nothing to do.</param>
public sealed record PlannedChain<TService>(string Subject, long? InPoolId, Func<TService, Task<long?>> Start);

/// <summary>
/// Starts the chains of a plan. What another chain keeps locked, such as the backup of the same dataset to another pool, is tried again when it is free, until the plan's next time.
/// </summary>
public sealed class PlannedChains(VpsAdminDb db, IServiceScopeFactory scopes, TimeProvider time, ILogger<PlannedChains> log)
{
    private const int AtOnce = 8;

    /// <summary>Of those that are left in the end; the log is not to drown in them.</summary>
    private const int MostNamed = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <param name="until">When whatever is left is left for good.</param>
    /// <returns>Number of chains started.</returns>
    public async Task<int> StartAsync<TService>(IEnumerable<PlannedChain<TService>> planned, DateTimeOffset until, CancellationToken cancel) where TService : notnull
    {
        var (left, started) = (planned.ToList(), 0);
        while (true)
        {
            var turn = await FreeAsync(left, cancel).ConfigureAwait(false);
            var (begun, refused) = await StartEachAsync(turn, cancel).ConfigureAwait(false);
            started += begun;
            left = [.. left.Except(turn), .. refused];
            if (left.Count == 0)
                return started;
            // Behind those that have nothing to do others have their turn at once, and behind a chain only when it may have ended.
            if (begun == 0 && refused.Count < turn.Count)
                continue;
            var wait = until - time.GetUtcNow();
            if (wait <= TimeSpan.Zero)
                break;
            await Task.Delay(wait < Pause ? wait : Pause, time, cancel).ConfigureAwait(false);
        }
        log.LogWarning(
            "{Service}: {Count} were locked until the plan's next time, and are left: {Subjects}", typeof(TService).Name, left.Count,
            string.Join(", ", left.Take(MostNamed).Select(static l => l.Subject)) + (left.Count > MostNamed ? ", …" : ""));
        return started;
    }

    /// <summary>One for each dataset that no chain works on: there may be a hundred thousand others, which are not to be tried one by one.</summary>
    private async Task<List<PlannedChain<TService>>> FreeAsync<TService>(List<PlannedChain<TService>> left, CancellationToken cancel)
    {
        try
        {
            var locked = (await db.ResourceLocks.Where(static l => l.Resource == nameof(DatasetInPool)).Select(static l => l.RowId).ToListAsync(cancel).ConfigureAwait(false)).ToHashSet();
            var taken = new HashSet<long>();
            return left.FindAll(one => one.InPoolId is not { } id || !locked.Contains(id) && taken.Add(id));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // A database that is away for a moment does not cost the rest of the night.
            log.LogWarning("{Service} waits for the database: {Reason}", typeof(TService).Name, e.Message);
            return [];
        }
    }

    /// <summary>Each in a scope of its own, as chains are built in one; some at once, as most of it is waiting for the database.</summary>
    /// <returns>How many began, and those that another chain keeps locked.</returns>
    private async Task<(int Begun, IReadOnlyCollection<PlannedChain<TService>> Refused)> StartEachAsync<TService>(List<PlannedChain<TService>> all, CancellationToken cancel) where TService : notnull
    {
        var (begun, refused) = (0, new ConcurrentQueue<PlannedChain<TService>>());
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (one, _) =>
        {
            var scope = scopes.CreateAsyncScope();
            await using var __ = scope.ConfigureAwait(false);
            try
            {
                if (await one.Start(scope.ServiceProvider.GetRequiredService<TService>()).ConfigureAwait(false) is not null)
                    Interlocked.Increment(ref begun);
            }
            catch (ActionRefusedException e) when (e.HttpStatus == StatusCodes.Status423Locked)
            {
                refused.Enqueue(one);
            }
            catch (ActionRefusedException e)
            {
                log.LogInformation("{Service} leaves {Subject} for the next time: {Reason}", typeof(TService).Name, one.Subject, e.Message);
            }
            // Those behind it have their turn all the same, such as when one was destroyed meanwhile.
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                log.LogError(e, "{Service} failed with {Subject}", typeof(TService).Name, one.Subject);
            }
        }).ConfigureAwait(false);
        return (begun, refused);
    }
}
