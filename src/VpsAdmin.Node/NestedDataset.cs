using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>
/// Datasets below the root of a VPS. They are mounted in folders that the VPS's own system can change: it may put a link to a place of the node in the way,
/// and <c>zfs mount</c>, <c>zfs create</c> and the machine's start follow links. So nobody mounts them by itself (<c>canmount=noauto</c>), and the node
/// only does where no link is in the way.
/// </summary>
public sealed class NestedDataset(ZfsHost zfs)
{
    /// <summary>On each of them, set and never inherited: which ones the node mounts when it starts.</summary>
    public const string Property = "cz.vpsfree.vpsadmin:nested";

    private static readonly Dictionary<string, string> Marks = new() { ["canmount"] = "noauto", [Property] = "on" };

    /// <summary>Whether a dataset is below another one of its pool filesystem.</summary>
    internal static bool IsNested(string filesystem, string dataset) => dataset.IndexOf('/', filesystem.Length + 1) > 0;

    /// <summary>Mounted, and its folder is the VPS's whose folder it is in.</summary>
    internal async Task CreateAsync(string dataset, IReadOnlyDictionary<string, string> properties, CancellationToken cancel)
    {
        await zfs.CreateFilesystemAsync(dataset, properties.Concat(Marks).ToDictionary(), cancel).ConfigureAwait(false);
        await FinishAsync(dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>Also where the node died behind the creation.</summary>
    internal async Task FinishAsync(string dataset, CancellationToken cancel)
    {
        await MountAsync(dataset, cancel).ConfigureAwait(false);
        // Nobody else can give files away, nor run VPSes.
        if (!Environment.IsPrivilegedProcess)
            return;
        var parent = await zfs.GetFilesystemAsync(ParentOf(dataset), cancel).ConfigureAwait(false);
        var made = await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false);
        if (parent is not { IsMounted: true, Mountpoint: { } above } || made is not { IsMounted: true, Mountpoint: { } folder })
            return;
        // A system that runs may put a link in the way at any time: by its path, something of the node would be given away.
        using var owner = Open(above, parent.Name);
        using var given = Open(folder, dataset);
        await LxcProgram.RunAsync("chown", ["--reference=" + owner.Path, "--", given.Path], cancel).ConfigureAwait(false);
    }

    private static MountedFolder Open(string folder, string dataset) =>
        MountedFolder.Open(folder, dataset) ?? throw new TransactionException($"{dataset} is no longer mounted on {folder}: something on the way there has been changed. Bring the folders back that were there, and try again.");

    /// <summary>Of one that was received: its sender's properties did not come with it.</summary>
    internal async Task MountReceivedAsync(string filesystem, string dataset, CancellationToken cancel)
    {
        if (IsNested(filesystem, dataset))
        {
            foreach (var (property, value) in Marks)
                await zfs.SetPropertyAsync(dataset, property, value, cancel).ConfigureAwait(false);
        }
        await MountAsync(dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>Mounts a dataset if it is not mounted and has a mount point.</summary>
    /// <exception cref="TransactionException">There is a link in the way.</exception>
    internal async Task MountAsync(string dataset, CancellationToken cancel)
    {
        if (await TryMountAsync(dataset, cancel).ConfigureAwait(false) is { } link)
            throw new TransactionException($"{dataset} is not mounted: {link} is a link, and what it points to would be hidden. Remove the link.");
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
    internal async Task MountBelowAsync(string dataset, CancellationToken cancel)
    {
        foreach (var nested in (await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false)).Skip(1))
            await TryMountAsync(nested.Name, cancel).ConfigureAwait(false);
    }

    /// <returns>Path of the link because of which it is not mounted; null: nothing was in the way.</returns>
    internal async Task<string?> TryMountAsync(string dataset, CancellationToken cancel)
    {
        if (await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false) is not { IsMounted: false, Mountpoint: { } folder })
            return null;
        var (top, above) = await TopAsync(dataset, folder, cancel).ConfigureAwait(false);
        if (LinkBetween(above, folder) is { } link)
            return link;
        await zfs.MountAsync(dataset, cancel).ConfigureAwait(false);
        // The kernel has paths without links, also where the machine's own way to the pool has some.
        if (MountTable.Has((MountTable.FolderOf(top) ?? above) + folder[above.Length..], dataset))
            return null;
        // A system that runs was faster.
        await zfs.UnmountAsync(dataset, cancel).ConfigureAwait(false);
        return folder;
    }

    /// <summary>When a node starts, before VPSes do: those of a pool filesystem that are not mounted.</summary>
    /// <param name="tell">What could not be mounted, for the log.</param>
    public async Task MountAllAsync(string filesystem, Action<string> tell, CancellationToken cancel)
    {
        foreach (var dataset in await ListAsync(filesystem, tell, cancel).ConfigureAwait(false))
        {
            try
            {
                await MountAsync(dataset, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZfsException or TransactionException)
            {
                tell(e.Message);
            }
        }
    }

    /// <returns>Parents before their children; none of a pool that is not there.</returns>
    private async Task<IEnumerable<string>> ListAsync(string filesystem, Action<string> tell, CancellationToken cancel)
    {
        try
        {
            return (await zfs.ListLocalPropertyAsync(filesystem, Property, recurse: true, cancel).ConfigureAwait(false)).Keys.Order(StringComparer.Ordinal);
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
