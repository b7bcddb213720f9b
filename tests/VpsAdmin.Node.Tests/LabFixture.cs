using VpsAdmin.Lab;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Node.Tests;
using VpsAdmin.Zfs;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VpsAdmin.Node.Tests;

/// <summary>One pool for all tests; each test gets a pool filesystem of its own in it.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private ZfsLab? _lab;
    private LabPool? _pool;
    private int _filesystems;

    public ZfsHost Zfs { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _lab = await ZfsLab.StartAsync();
        if (_lab.Available)
            _pool = await _lab.CreatePoolAsync("node", sizeBytes: 2L << 30);
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    /// <summary>A pool filesystem with a node at work; skips the test where there is no ZFS.</summary>
    /// <param name="more">Work that is not ZFS's.</param>
    public async Task<TestNode> StartNodeAsync(CancellationToken cancel, ZfsHost? zfs = null, IReadOnlyList<ITransactionHandler>? more = null)
    {
        var (filesystem, folder) = await CreateFilesystemAsync(cancel);
        return new TestNode(zfs ?? Zfs, filesystem, folder, more, () => RemoveAsync(filesystem));
    }

    /// <summary>A pool filesystem, and the folder where it is mounted; skips the test where there is no ZFS.</summary>
    public async Task<(string Filesystem, string Folder)> CreateFilesystemAsync(CancellationToken cancel)
    {
        if (_pool is null)
            Assert.Skip(_lab!.Reason!);
        var filesystem = $"{_pool.Name}/vps{Interlocked.Increment(ref _filesystems)}";
        await Zfs.CreateFilesystemAsync(filesystem, properties: null, cancel);
        return (filesystem, Path.Combine(_pool.Mountpoint, Path.GetFileName(filesystem)));
    }

    /// <summary>Takes the filesystems of a test away again.</summary>
    public static async Task RemoveAsync(string filesystem)
    {
        await LabPool.RemoveAsync(filesystem);
        await LabPool.RemoveAsync(filesystem + "-backup");
    }
}
