using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Runtime;

/// <summary>Where VPSes are on the pools of this node. What is kept of them is in <c>&lt;pool&gt;/vpsadmin/vps/&lt;id&gt;</c>.</summary>
public sealed class VpsHomes(ZfsHost zfs)
{
    private const string Area = "vps";
    private const string NoRoot = "/nonexistent";

    /// <summary>File with the name of the dataset that a VPS has its root in.</summary>
    private const string RootNote = "root";

    /// <summary>Makes the folder when it is missing.</summary>
    /// <exception cref="TransactionException">The VPS's dataset is not there or not mounted.</exception>
    public async Task<VpsHome> PrepareAsync(VpsPlace place, CancellationToken cancel)
    {
        // A system's own root, which is nobody here, has to get through to its files.
        var area = await OwnDataset.PrepareAsync(zfs, place.Filesystem, Area, UnixFolder.PassThrough, cancel).ConfigureAwait(false);
        var home = new VpsHome(place.VpsId, Below(area, place), await RootAsync(place, cancel).ConfigureAwait(false));
        Directory.CreateDirectory(home.Folder);
        UnixFolder.SetMode(home.Folder, UnixFolder.Private);
        await File.WriteAllTextAsync(Path.Combine(home.Folder, RootNote), place.Dataset, cancel).ConfigureAwait(false);
        return home;
    }

    /// <summary>Null: the VPS was never set up on this pool.</summary>
    public async Task<VpsHome?> FindAsync(VpsPlace place, CancellationToken cancel) =>
        await AreaAsync(place.Filesystem, cancel).ConfigureAwait(false) is { } area ? await FindAsync(area, place, cancel).ConfigureAwait(false) : null;

    /// <summary>Those of one pool that were set up on it, where only the runtime is asked about them: their roots are not looked for.</summary>
    public async Task<IReadOnlyDictionary<long, VpsHome>> ListAsync(string filesystem, IEnumerable<VpsPlace> places, CancellationToken cancel) =>
        await AreaAsync(filesystem, cancel).ConfigureAwait(false) is { } area
            ? places.Where(place => Directory.Exists(Below(area, place))).ToDictionary(static place => place.VpsId, place => new VpsHome(place.VpsId, Below(area, place), NoRoot))
            : new Dictionary<long, VpsHome>();

    /// <summary>All that were set up on a pool, where only the runtime is asked about them.</summary>
    public async Task<IReadOnlyList<VpsHome>> ListAsync(string filesystem, CancellationToken cancel) =>
        await AreaAsync(filesystem, cancel).ConfigureAwait(false) is { } area
            ? [.. Directory.EnumerateDirectories(area).Select(static folder => (Folder: folder, Id: Number(Path.GetFileName(folder)))).Where(static f => f.Id > 0)
                .OrderBy(static f => f.Id).Select(static f => new VpsHome(f.Id, f.Folder, NoRoot))]
            : [];

    /// <summary>The VPS that has its root in a dataset, where only the runtime is asked about it; null: none was set up.</summary>
    public async Task<VpsHome?> OfRootAsync(string filesystem, string dataset, CancellationToken cancel) =>
        (await ListAsync(filesystem, cancel).ConfigureAwait(false)).FirstOrDefault(home => RootOf(home) == dataset);

    /// <exception cref="TransactionException">It was never set up here.</exception>
    public async Task<VpsHome> RequireAsync(VpsPlace place, CancellationToken cancel) =>
        await FindAsync(place, cancel).ConfigureAwait(false) ?? throw new TransactionException($"VPS {place.VpsId} was not set up on {place.Filesystem}.");

    /// <summary>Where the root filesystem is mounted.</summary>
    public async Task<string> RootAsync(VpsPlace place, CancellationToken cancel)
    {
        var dataset = PoolDataset.Name(place.Filesystem, place.Dataset);
        return await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false) is { IsMounted: true, Mountpoint: { } root }
            ? root
            : throw new TransactionException($"{dataset} is not mounted. Give it a mount point, or mount it: zfs mount {dataset}");
    }

    private Task<string?> AreaAsync(string filesystem, CancellationToken cancel) => OwnDataset.FindAsync(zfs, filesystem, Area, cancel);

    private async Task<VpsHome?> FindAsync(string area, VpsPlace place, CancellationToken cancel)
    {
        if (!Directory.Exists(Below(area, place)))
            return null;
        // What is kept of it may outlive its dataset by a moment.
        var dataset = PoolDataset.Name(place.Filesystem, place.Dataset);
        var root = await zfs.ExistsAsync(dataset, cancel).ConfigureAwait(false) ? (await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false)).Mountpoint : null;
        return new VpsHome(place.VpsId, Below(area, place), root ?? NoRoot);
    }

    /// <remarks>The server names datasets of VPSes by their numbers.</remarks>
    private static string RootOf(VpsHome home) => Path.Combine(home.Folder, RootNote) is var note && File.Exists(note) ? File.ReadAllText(note) : Path.GetFileName(home.Folder);

    private static long Number(string name) => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Below(string area, VpsPlace place) => place.VpsId > 0
        ? Path.Combine(area, place.VpsId.ToString(CultureInfo.InvariantCulture))
        : throw new TransactionException($"{place.VpsId} is not the number of a VPS.");
}
