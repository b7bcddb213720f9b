using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>
/// Datasets below the root of a VPS. They are mounted in folders that the VPS's own system can change: it may put a link to a place of the node in the way,
/// and <c>zfs mount</c>, <c>zfs create</c> and the machine's start follow links. So nobody mounts them by itself (<c>canmount=noauto</c>), and the node
/// only does where no link is in the way, and while nothing of the VPS runs: a system that runs can put a link there between the look and the mount.
/// </summary>
public sealed class NestedDataset(ZfsHost zfs)
{
    /// <summary>On each of them, set and never inherited: which ones the node mounts when it starts.</summary>
    public const string Property = "cz.vpsfree.vpsadmin:nested";

    /// <summary>Value of the property until the dataset was mounted for the first time, and its folder given to whom it belongs.</summary>
    private const string Fresh = "new";

    private const string Settled = "on";

    /// <summary>By root dataset: nothing is mounted below it while its VPS is being started, nor is the VPS started meanwhile.</summary>
    private static readonly NamedGates Gates = new();

    private readonly VpsHomes _homes = new(zfs);

    /// <summary>Whether a dataset is below another one of its pool filesystem.</summary>
    internal static bool IsNested(string filesystem, string dataset) => dataset.IndexOf('/', filesystem.Length + 1) > 0;

    /// <summary>Its folder is the VPS's whose folder it is in. It is mounted unless that VPS runs; then it is when the VPS is started next.</summary>
    internal async Task CreateAsync(string filesystem, string dataset, IReadOnlyDictionary<string, string> properties, CancellationToken cancel)
    {
        await zfs.CreateFilesystemAsync(dataset, properties.Concat(Marks(Fresh)).ToDictionary(), cancel).ConfigureAwait(false);
        await MountAsync(filesystem, dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>Of one that was received: its sender's properties did not come with it, and its folder's owner did.</summary>
    internal async Task MountReceivedAsync(string filesystem, string dataset, CancellationToken cancel)
    {
        if (IsNested(filesystem, dataset))
        {
            foreach (var (property, value) in Marks(Settled))
                await zfs.SetPropertyAsync(dataset, property, value, cancel).ConfigureAwait(false);
        }
        await MountAsync(filesystem, dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>Mounts a dataset if it is not mounted and has a mount point, and nothing runs that could change the way there.</summary>
    /// <exception cref="TransactionException">There is a link in the way.</exception>
    internal async Task MountAsync(string filesystem, string dataset, CancellationToken cancel)
    {
        if (await TryMountAsync(filesystem, dataset, cancel).ConfigureAwait(false) is { } link)
            throw new TransactionException($"{dataset} is not mounted: {link} is a link, and what it points to would be hidden. Remove the link.");
    }

    /// <returns>Path of the link because of which it is not mounted; null: nothing was in the way, or a VPS runs there.</returns>
    internal async Task<string?> TryMountAsync(string filesystem, string dataset, CancellationToken cancel)
    {
        if (!IsNested(filesystem, dataset))
            return await PlaceAsync(dataset, cancel).ConfigureAwait(false);
        var root = dataset[..dataset.IndexOf('/', filesystem.Length + 1)];
        using var alone = await Gates.EnterAsync(root, cancel).ConfigureAwait(false);
        return await _homes.OfRootAsync(filesystem, root[(filesystem.Length + 1)..], cancel).ConfigureAwait(false) is { } home && LxcMonitor.IsAlive(home)
            ? null
            : await PlaceAsync(dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Does something to a dataset that is not mounted, and nothing below it is; no VPS is started in it meanwhile. zfs destroys a filesystem's snapshots
    /// before it sees that it cannot unmount it.
    /// </summary>
    /// <exception cref="TransactionException">A VPS runs in it, and has mounts of its own.</exception>
    /// <exception cref="ZfsException">It is in use.</exception>
    internal async Task WhileUnmountedAsync(string filesystem, string dataset, Func<Task> work, CancellationToken cancel)
    {
        var root = IsNested(filesystem, dataset) ? dataset[..dataset.IndexOf('/', filesystem.Length + 1)] : dataset;
        using var alone = await Gates.EnterAsync(root, cancel).ConfigureAwait(false);
        if (await _homes.OfRootAsync(filesystem, root[(filesystem.Length + 1)..], cancel).ConfigureAwait(false) is { } home && LxcMonitor.IsAlive(home))
            throw new TransactionException($"{dataset} is in use by VPS {home.VpsId}, which runs. Stop the VPS, and try again.");
        foreach (var mounted in (await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false)).Where(static f => f.IsMounted).Reverse())
            await zfs.UnmountAsync(mounted.Name, cancel).ConfigureAwait(false);
        await work().ConfigureAwait(false);
    }

    /// <summary>Starts a VPS; nobody mounts anything below its root meanwhile.</summary>
    /// <param name="start">Is given what mounts all that is there, as far as no link is in the way, to be called while the VPS stands still.</param>
    internal async Task StartAsync(VpsPlace place, Func<Func<Task>, Task> start, CancellationToken cancel)
    {
        var root = PoolDataset.Name(place.Filesystem, place.Dataset);
        using var alone = await Gates.EnterAsync(root, cancel).ConfigureAwait(false);
        await start(() => PlaceBelowAsync(root, cancel)).ConfigureAwait(false);
    }

    /// <summary>Unmounts all that is below a dataset. The system that has it does not run.</summary>
    /// <exception cref="TransactionException">Something else is mounted there.</exception>
    internal async Task UnmountBelowAsync(string dataset, string folder, CancellationToken cancel)
    {
        foreach (var nested in (await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false)).Skip(1).Reverse())
            await zfs.UnmountAsync(nested.Name, cancel).ConfigureAwait(false);
        if (MountTable.Below(folder).FirstOrDefault() is { } mounted)
            throw new TransactionException($"Something is mounted on {mounted}, which is in the way. Unmount it.");
    }

    /// <summary>The other way round, as far as no link is in the way.</summary>
    internal async Task MountBelowAsync(string filesystem, string dataset, CancellationToken cancel)
    {
        foreach (var nested in (await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false)).Skip(1))
            await TryMountAsync(filesystem, nested.Name, cancel).ConfigureAwait(false);
    }

    /// <summary>When a node starts, before VPSes do: those of a pool filesystem that are not mounted, and whose VPS does not run.</summary>
    /// <param name="tell">What could not be mounted, for the log.</param>
    public async Task MountAllAsync(string filesystem, Action<string> tell, CancellationToken cancel)
    {
        foreach (var dataset in await ListAsync(filesystem, tell, cancel).ConfigureAwait(false))
        {
            try
            {
                await MountAsync(filesystem, dataset, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZfsException or TransactionException)
            {
                tell(e.Message);
            }
        }
    }

    private static Dictionary<string, string> Marks(string state) => new() { ["canmount"] = "noauto", [Property] = state };

    private async Task PlaceBelowAsync(string root, CancellationToken cancel)
    {
        var states = await zfs.ListLocalPropertyAsync(root, Property, recurse: true, cancel).ConfigureAwait(false);
        foreach (var nested in (await zfs.ListFilesystemsAsync(root, depth: null, cancel).ConfigureAwait(false)).Skip(1))
        {
            if (nested.IsMounted && states.GetValueOrDefault(nested.Name) is not Fresh)
                continue;
            try
            {
                await PlaceAsync(nested.Name, cancel).ConfigureAwait(false);
            }
            catch (ZfsException)
            {
                // What its system has put where a dataset belongs is its own trouble: it starts without that dataset, as behind a link.
            }
        }
    }

    /// <summary>Nothing runs that could change the way there.</summary>
    /// <returns>Path of the link because of which it is not mounted; null: nothing was in the way.</returns>
    private async Task<string?> PlaceAsync(string dataset, CancellationToken cancel)
    {
        if (await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false) is { IsMounted: false, Mountpoint: { } folder }
            && await PlaceAsync(dataset, folder, cancel).ConfigureAwait(false) is { } link)
            return link;
        if (await zfs.GetLocalPropertyAsync(dataset, Property, cancel).ConfigureAwait(false) == Fresh)
        {
            await GiveAsync(dataset, cancel).ConfigureAwait(false);
            await zfs.SetPropertyAsync(dataset, Property, Settled, cancel).ConfigureAwait(false);
        }
        return null;
    }

    private async Task<string?> PlaceAsync(string dataset, string folder, CancellationToken cancel)
    {
        var (top, above) = await TopAsync(dataset, folder, cancel).ConfigureAwait(false);
        if (LinkBetween(above, folder) is { } link)
            return link;
        await zfs.MountAsync(dataset, cancel).ConfigureAwait(false);
        // The kernel has paths without links, also where the machine's own way to the pool has some.
        if (MountTable.Has((MountTable.FolderOf(top) ?? above) + folder[above.Length..], dataset))
            return null;
        // Whoever else may change these folders was faster.
        await zfs.UnmountAsync(dataset, cancel).ConfigureAwait(false);
        return folder;
    }

    /// <summary>To whom the folder belongs that it is in.</summary>
    private async Task GiveAsync(string dataset, CancellationToken cancel)
    {
        // Nobody else can give files away, nor run VPSes.
        if (!Environment.IsPrivilegedProcess)
            return;
        var parent = await zfs.GetFilesystemAsync(ParentOf(dataset), cancel).ConfigureAwait(false);
        var made = await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false);
        if (parent is not { IsMounted: true, Mountpoint: { } above } || made is not { IsMounted: true, Mountpoint: { } folder })
            return;
        // By its path, something of the node could be given away.
        using var owner = Open(above, parent.Name);
        using var given = Open(folder, dataset);
        await LxcProgram.RunAsync("chown", ["--reference=" + owner.Path, "--", given.Path], cancel).ConfigureAwait(false);
    }

    private static MountedFolder Open(string folder, string dataset) =>
        MountedFolder.Open(folder, dataset) ?? throw new TransactionException($"{dataset} is no longer mounted on {folder}: something on the way there has been changed. Bring the folders back that were there, and try again.");

    /// <returns>Those that there is something to do for, parents before their children; none of a pool that is not there.</returns>
    private async Task<IEnumerable<string>> ListAsync(string filesystem, Action<string> tell, CancellationToken cancel)
    {
        try
        {
            var states = await zfs.ListLocalPropertyAsync(filesystem, Property, recurse: true, cancel).ConfigureAwait(false);
            var mounted = (await zfs.ListFilesystemsAsync(filesystem, depth: null, cancel).ConfigureAwait(false)).Where(static f => f.IsMounted).Select(static f => f.Name).ToHashSet();
            return states.Where(state => state.Value is Fresh || !mounted.Contains(state.Key)).Select(static state => state.Key).Order(StringComparer.Ordinal);
        }
        catch (ZfsException e)
        {
            tell(e.Message);
            return [];
        }
    }

    /// <summary>The uppermost dataset in whose folder the other is mounted, and that folder. Above it is the machine's own.</summary>
    private async Task<(string Dataset, string Folder)> TopAsync(string dataset, string folder, CancellationToken cancel)
    {
        for (var end = dataset.IndexOf('/', StringComparison.Ordinal); end > 0; end = dataset.IndexOf('/', end + 1))
        {
            if ((await zfs.GetFilesystemAsync(dataset[..end], cancel).ConfigureAwait(false)).Mountpoint?.TrimEnd('/') is { } above && folder.StartsWith(above + "/", StringComparison.Ordinal))
                return (dataset[..end], above);
        }
        return (dataset, Path.GetDirectoryName(folder)!.TrimEnd('/'));
    }

    private static string? LinkBetween(string top, string folder)
    {
        for (var path = folder; path.Length > top.Length; path = Path.GetDirectoryName(path)!)
        {
            if (new FileInfo(path).LinkTarget is not null)
                return path;
        }
        return null;
    }

    private static string ParentOf(string dataset) => dataset[..dataset.LastIndexOf('/')];
}
