using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>Work on VPSes that needs LXC, delivered twice, undone twice, and undone without having been done.</summary>
public sealed class VpsRedeliveryTests(LabFixture lab) : IAsyncLifetime
{
    private VpsNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await VpsNode.StartAsync(lab);

    public async ValueTask DisposeAsync()
    {
        // Null when the test was skipped.
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_system_is_made_once_and_unmade_once()
    {
        var vps = await _node.CreateAsync(101);
        var root = Path.Combine(_node.Node.Folder, "101");
        var work = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: false));
        await UndoAsync(Other(work));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root));

        await DoAsync(work);
        // Of the second delivery nothing is made anew: what was written meanwhile is there.
        await File.WriteAllTextAsync(Path.Combine(root, "root/file"), "data", Cancel);
        await DoAsync(work);
        Assert.Equal("data", await File.ReadAllTextAsync(Path.Combine(root, "root/file"), Cancel));

        await UndoAsync(work);
        Assert.Empty(Directory.EnumerateFileSystemEntries(root));
        await File.WriteAllTextAsync(Path.Combine(root, "file"), "data", Cancel);
        await UndoAsync(work);
        Assert.True(File.Exists(Path.Combine(root, "file")));
    }

    [Fact]
    public async Task A_replaced_system_comes_back_once()
    {
        var vps = await _node.InstallAsync(101);
        var file = Path.Combine(_node.Node.Folder, "101/root/file");
        await File.WriteAllTextAsync(file, "before", Cancel);
        await _node.Node.SnapshotAsync("101", "before", Cancel);
        var work = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: true));
        await UndoAsync(Other(work));
        Assert.Equal("before", await File.ReadAllTextAsync(file, Cancel));
        await DoAsync(work);
        await DoAsync(work);
        Assert.False(File.Exists(file));

        await UndoAsync(work);
        Assert.Equal("before", await File.ReadAllTextAsync(file, Cancel));
        await File.WriteAllTextAsync(file, "later", Cancel);
        await UndoAsync(work);
        Assert.Equal("later", await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task A_vps_is_set_up_once_and_forgotten_once()
    {
        var vps = await _node.CreateAsync(101);
        var work = _node.Node.Message(TransactionType.ConfigureVps, new ConfigureVpsInput(vps, VpsNode.Configuration(), Before: null));
        await UndoAsync(Other(work));
        await DoAsync(work);
        var file = Path.Combine((await _node.HomeAsync(vps)).Folder, "config");
        var configured = await File.ReadAllTextAsync(file, Cancel);
        await DoAsync(work);
        Assert.Equal(configured, await File.ReadAllTextAsync(file, Cancel));

        await UndoAsync(work);
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
        await UndoAsync(work);
        Assert.True(Directory.Exists(Path.Combine(_node.Node.Folder, "101")));
    }

    [Fact]
    public async Task Settings_change_once_and_come_back_once()
    {
        var vps = await _node.InstallAsync(101);
        var file = Path.Combine((await _node.HomeAsync(vps)).Folder, "config");
        var before = await File.ReadAllTextAsync(file, Cancel);
        var work = _node.Node.Message(TransactionType.ConfigureVps, new ConfigureVpsInput(vps, VpsNode.Configuration(new(Memory: 32)), VpsNode.Configuration()));
        await UndoAsync(Other(work));
        Assert.Equal(before, await File.ReadAllTextAsync(file, Cancel));
        await DoAsync(work);
        var changed = await File.ReadAllTextAsync(file, Cancel);
        Assert.NotEqual(before, changed);
        await DoAsync(work);
        Assert.Equal(changed, await File.ReadAllTextAsync(file, Cancel));
        await UndoAsync(work);
        await UndoAsync(work);
        Assert.Equal(before, await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task A_vps_that_is_forgotten_does_not_come_back_and_one_that_is_not_stays()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        var work = _node.Node.Message(TransactionType.DestroyVps, new DestroyVpsInput(vps));
        await UndoAsync(Other(work));
        Assert.True(await _node.IsRunningAsync(vps));
        await DoAsync(work);
        await DoAsync(work);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var undone = await _node.Node.RunAsync(work with { Rollback = true, Queue = "rollback" }, Cancel);
            Assert.Contains("cannot be brought back", undone.Error, StringComparison.Ordinal);
        }
        Assert.True(File.Exists(Path.Combine(_node.Node.Folder, "101/bin/busybox")));
    }

    /// <summary>The same, that never began: what was undone before it came is not begun any more.</summary>
    private static TransactionMessage Other(TransactionMessage work) => work with { Id = work.Id + 1_000_000 };

    private async Task DoAsync(TransactionMessage work)
    {
        var finished = await _node.Node.RunAsync(work, Cancel);
        Assert.True(finished.Success, finished.Error);
    }

    private async Task UndoAsync(TransactionMessage work)
    {
        var finished = await _node.Node.RunAsync(work with { Rollback = true, Queue = "rollback" }, Cancel);
        Assert.True(finished.Success, finished.Error);
    }
}
