using VpsAdmin.Backup.Tests.Running;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>One pool for all tests; each has filesystems of its own in it.</summary>
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
            _pool = await _lab.CreatePoolAsync("backup");
    }

    /// <summary>An empty filesystem; skips the test where there is no ZFS.</summary>
    public async Task<string> CreateFilesystemAsync(string role)
    {
        Assert.SkipUnless(_lab!.Available, _lab.Reason ?? "");
        var name = $"{_pool!.Name}/{role}{Interlocked.Increment(ref _filesystems)}";
        await Zfs.CreateFilesystemAsync(name, properties: null, TestContext.Current.CancellationToken);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        if (_lab is not null)
            await _lab.DisposeAsync();
    }
}
