using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Runtime;

/// <summary>Looks at the VPSes of this node, some at once. One that does not answer is left out, and hides none of the others.</summary>
public sealed class VpsObserver(ZfsHost zfs, IVpsRuntime runtime, TimeProvider time)
{
    /// <summary>How long one may take to be looked at.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a look at all of them may take, so that whoever asked is still there: those that are left by then are left out.</summary>
    internal static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);

    private const int AtOnce = 4;

    private readonly VpsHomes _homes = new(zfs);

    /// <returns>In the order of the VPSes that were asked for.</returns>
    public async Task<IReadOnlyList<VpsSample>> SampleAsync(IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
    {
        var homes = new List<(long VpsId, VpsHome? Home)>();
        foreach (var pool in vpses.GroupBy(static place => place.Filesystem))
        {
            try
            {
                var here = await _homes.ListAsync(pool.Key, pool, cancel).ConfigureAwait(false);
                homes.AddRange(pool.Select(place => (place.VpsId, here.GetValueOrDefault(place.VpsId))));
            }
            catch (Exception e) when (e is TransactionException or ZfsException)
            {
                // The pool does not answer: of its VPSes nothing is known now.
            }
        }
        return await SampleAsync(homes, cancel).ConfigureAwait(false);
    }

    /// <param name="homes">Without a home it was never set up here, and does not run.</param>
    internal async Task<IReadOnlyList<VpsSample>> SampleAsync(IReadOnlyList<(long VpsId, VpsHome? Home)> homes, CancellationToken cancel)
    {
        var samples = new VpsSample?[homes.Count];
        using var late = new CancellationTokenSource(LongestLook, time);
        await Parallel.ForAsync(0, homes.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (index, token) =>
        {
            var (vpsId, home) = homes[index];
            samples[index] = home is null ? new VpsSample(vpsId, IsRunning: false) : await TryAsync(home, late.Token, token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return [.. samples.OfType<VpsSample>()];
    }

    private async Task<VpsSample?> TryAsync(VpsHome home, CancellationToken late, CancellationToken cancel)
    {
        using var slow = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, slow.Token, late);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await runtime.SampleAsync(home, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransactionException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null; // The others can be told of.
        }
    }
}
