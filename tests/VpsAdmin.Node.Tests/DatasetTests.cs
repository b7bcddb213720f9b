using System.Diagnostics;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

public sealed class DatasetTests(LabFixture lab) : IAsyncLifetime
{
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await lab.StartNodeAsync(Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_dataset_is_made_with_its_parents_and_its_quota_and_a_second_delivery_finds_it()
    {
        var create = Create("101/var/www", quota: 64 << 20);

        await SucceedAsync(create);
        await SucceedAsync(create);

        Assert.Equal(["101", "101/var", "101/var/www"], await DatasetsAsync());
        Assert.Equal("67108864", await lab.Zfs.GetLocalPropertyAsync($"{_node.Filesystem}/101/var/www", "quota", Cancel));
        Assert.Null(await lab.Zfs.GetLocalPropertyAsync($"{_node.Filesystem}/101/var", "quota", Cancel));
    }

    [Fact]
    public async Task A_dataset_that_somebody_else_made_is_not_adopted_and_its_rollback_leaves_it()
    {
        await _node.CreateDatasetAsync("101", Cancel);
        var create = Create("101");

        Assert.Contains("not made by this transaction", await FailAsync(create), StringComparison.Ordinal);
        await SucceedAsync(Undo(create));

        Assert.Equal(["101"], await DatasetsAsync());
    }

    [Fact]
    public async Task A_number_of_another_installation_is_another_transaction()
    {
        var create = Create("101");
        await SucceedAsync(create with { Installation = "before" });

        Assert.Contains("not made by this transaction", await FailAsync(create with { Installation = "after" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_destroys_the_dataset_and_the_parents_that_it_made_and_no_others()
    {
        await _node.CreateDatasetAsync("101", Cancel);
        var create = Create("101/var/www");
        await SucceedAsync(create);

        await SucceedAsync(Undo(create));
        await SucceedAsync(Undo(create));

        Assert.Equal(["101"], await DatasetsAsync());
    }

    [Fact]
    public async Task Rollback_leaves_a_parent_that_got_another_child()
    {
        var create = Create("101/var");
        await SucceedAsync(create);
        await SucceedAsync(Create("101/home"));

        await SucceedAsync(Undo(create));

        Assert.Equal(["101", "101/home"], await DatasetsAsync());
    }

    [Fact]
    public async Task Rollback_does_not_lose_files_or_snapshots()
    {
        var create = Create("101");
        await SucceedAsync(create);
        var file = Path.Combine(_node.Folder, "101", "data");
        await File.WriteAllTextAsync(file, "dear", Cancel);
        Assert.Contains("there are files in it", await FailAsync(Undo(create)), StringComparison.Ordinal);
        await _node.SnapshotAsync("101", "kept", Cancel);
        File.Delete(file);
        Assert.Contains("it has snapshots", await FailAsync(Undo(create)), StringComparison.Ordinal);

        Assert.Equal(["101"], await DatasetsAsync());
    }

    [Fact]
    public async Task A_dataset_is_destroyed_with_its_snapshots_and_a_second_delivery_finds_it_gone()
    {
        await _node.CreateDatasetAsync("101", Cancel);
        await _node.SnapshotAsync("101", "s", Cancel);
        var input = new DestroyDatasetInput(_node.Filesystem, "101");
        var destroy = _node.Message(TransactionType.DestroyDataset, input);

        // One that never began is undone by doing nothing.
        await SucceedAsync(Undo(_node.Message(TransactionType.DestroyDataset, input)));
        await SucceedAsync(destroy);
        await SucceedAsync(destroy);

        Assert.Empty(await DatasetsAsync());
        Assert.Contains("cannot be brought back", await FailAsync(Undo(destroy)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dataset_that_cannot_go_loses_none_of_its_snapshots()
    {
        await _node.CreateDatasetAsync("101", Cancel);
        foreach (var name in new[] { "a", "b" })
            await _node.SnapshotAsync("101", name, Cancel);
        var destroy = _node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(_node.Filesystem, "101"));

        await using (File.Create(Path.Combine(_node.Folder, "101", "open")))
            Assert.Contains("busy", await FailAsync(destroy), StringComparison.Ordinal);
        await RequireWholeAsync();
        var held = new SnapshotName($"{_node.Filesystem}/101", "b");
        await lab.Zfs.HoldAsync(held, "mine", Cancel);
        Assert.Contains("101@b is held", await FailAsync(destroy), StringComparison.Ordinal);
        await RequireWholeAsync();
        await lab.Zfs.ReleaseAsync(held, "mine", Cancel);
        // A system that runs has mounts of its own, which nobody here sees.
        await new VpsHomes(lab.Zfs).PrepareAsync(new VpsPlace(_node.Filesystem, "101", 101), Cancel);
        var area = (await lab.Zfs.GetFilesystemAsync($"{_node.Filesystem}/vpsadmin/vps", Cancel)).Mountpoint!;
        using (var monitor = Process.Start(new ProcessStartInfo("sh", ["-c", "read end", "lxc-start", "--lxcpath", area, "--name", "101", "-F"]) { RedirectStandardInput = true })!)
        {
            Assert.Contains("in use by VPS 101, which runs", await FailAsync(destroy), StringComparison.Ordinal);
            monitor.StandardInput.Close();
            await monitor.WaitForExitAsync(Cancel);
        }
        await RequireWholeAsync();

        // Nothing was lost: it is undone, and can be done another time.
        await SucceedAsync(Undo(destroy));
        await SucceedAsync(_node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(_node.Filesystem, "101")));
        Assert.DoesNotContain("101", await DatasetsAsync());

        async Task RequireWholeAsync()
        {
            Assert.True((await lab.Zfs.GetFilesystemAsync($"{_node.Filesystem}/101", Cancel)).IsMounted);
            Assert.Equal(["a", "b"], (await lab.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/101", depth: 0, Cancel)).Select(static s => s.Name.Name));
        }
    }

    [Fact]
    public async Task A_dataset_with_children_is_not_destroyed()
    {
        await _node.CreateDatasetAsync("101", Cancel);
        await _node.CreateDatasetAsync("101/var", Cancel);

        var error = await FailAsync(_node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(_node.Filesystem, "101")));

        Assert.Contains($"{_node.Filesystem}/101/var", error, StringComparison.Ordinal);
        Assert.Equal(["101", "101/var"], await DatasetsAsync());
    }

    [Fact]
    public async Task An_error_of_zfs_tells_command_and_words()
    {
        var error = await FailAsync(_node.Message(TransactionType.CreateSnapshot, new CreateSnapshotInput(_node.Filesystem, "nothing")));

        Assert.Contains($"{_node.Filesystem}/nothing", error, StringComparison.Ordinal);
        Assert.Contains("zfs", error, StringComparison.Ordinal);
        Assert.Contains("does not exist", error, StringComparison.Ordinal);
    }

    private TransactionMessage Create(string dataset, long? quota = null) =>
        _node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, dataset, quota));

    private static TransactionMessage Undo(TransactionMessage message) => message with { Rollback = true, Queue = "rollback" };

    private async Task SucceedAsync(TransactionMessage message) => Assert.Null((await _node.RunAsync(message, Cancel)).Error);

    private async Task<string> FailAsync(TransactionMessage message)
    {
        var finished = await _node.RunAsync(message, Cancel);
        Assert.False(finished.Success);
        return finished.Error!;
    }

    private async Task<IEnumerable<string>> DatasetsAsync()
    {
        IReadOnlyList<ZfsDataset> all = await lab.Zfs.ListFilesystemsAsync(_node.Filesystem, depth: null, Cancel);
        return all.Skip(1).Select(dataset => dataset.Name[(_node.Filesystem.Length + 1)..]).Order(StringComparer.Ordinal);
    }
}
