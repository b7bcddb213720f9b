using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Runtime;

/// <summary>Looks at the VPSes of this node.</summary>
public sealed class VpsObserver(ZfsHost zfs, IVpsRuntime runtime)
{
    private readonly VpsHomes _homes = new(zfs);

    public async Task<IReadOnlyList<VpsSample>> SampleAsync(IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
    {
        var samples = new List<VpsSample>();
        foreach (var pool in vpses.GroupBy(static place => place.Filesystem))
        {
            try
            {
                var homes = await _homes.ListAsync(pool.Key, pool, cancel).ConfigureAwait(false);
                foreach (var place in pool)
                {
                    if (await SampleAsync(place.VpsId, homes.GetValueOrDefault(place.VpsId), cancel).ConfigureAwait(false) is { } sample)
                        samples.Add(sample);
                }
            }
            catch (Exception e) when (e is TransactionException or ZfsException)
            {
                // The pool does not answer: of its VPSes nothing is known now.
            }
        }
        return samples;
    }

    private async Task<VpsSample?> SampleAsync(long vpsId, VpsHome? home, CancellationToken cancel)
    {
        try
        {
            return home is null ? new VpsSample(vpsId, IsRunning: false) : await runtime.SampleAsync(home, cancel).ConfigureAwait(false);
        }
        catch (TransactionException)
        {
            return null; // The others can be told of.
        }
    }
}
