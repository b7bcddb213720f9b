using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <param name="Name">Below the pool filesystem.</param>
/// <param name="Used">Bytes.</param>
/// <param name="Referenced">Bytes.</param>
/// <param name="Available">Bytes.</param>
public sealed record OccupiedDataset(string Name, long Used, long Referenced, long Available);

/// <summary>What a pool filesystem and the datasets below it occupy. People look at these numbers, nothing is decided by them.</summary>
/// <param name="Used">Bytes.</param>
/// <param name="Available">Bytes.</param>
public sealed record PoolUsage(string Filesystem, long Used, long Available, IReadOnlyList<OccupiedDataset> Datasets)
{
    /// <summary>One <c>zfs</c> command answers for all.</summary>
    /// <exception cref="ZfsException">ZFS does not answer, or there is no such filesystem.</exception>
    public static async Task<PoolUsage> ReadAsync(ZfsHost zfs, string filesystem, CancellationToken cancel)
    {
        var below = filesystem + "/";
        var own = PoolDataset.OwnName(filesystem);
        var all = await zfs.ListFilesystemsAsync(filesystem, null, cancel).ConfigureAwait(false);
        var pool = all.First(f => f.Name == filesystem);
        var datasets = all.Where(f => f.Name.StartsWith(below, StringComparison.Ordinal) && f.Name != own && !f.Name.StartsWith(own + "/", StringComparison.Ordinal))
            .Select(f => new OccupiedDataset(f.Name[below.Length..], f.Used, f.Referenced, f.Available));
        return new(filesystem, pool.Used, pool.Available, [.. datasets]);
    }
}
