using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>Sending to a backup, branching it, bringing a snapshot back from it.</summary>
public sealed class BackupTests(LabFixture lab) : IAsyncLifetime
{
    private const string Branch = "101/tree.0/branch-a.0";

    private TestNode _node = null!;
    private string _folder = "";
    private string _backup = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel);
        _backup = _node.Filesystem + "-backup";
        await _node.Zfs.CreateFilesystemAsync(_backup, properties: null, Cancel);
        _folder = await _node.CreateDatasetAsync("101", Cancel);
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "file"), name, Cancel);
            await _node.SnapshotAsync("101", name, Cancel);
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_first_transfer_makes_the_branch_and_later_ones_go_on()
    {
        await SucceedAsync(Send(from: null, "a", "b"));
        Assert.Equal(["a", "b"], await SnapshotsAsync(Branch));
        await SucceedAsync(Send("b", "c", "d"));

        Assert.Equal(["a", "b", "c", "d"], await SnapshotsAsync(Branch));
        Assert.Equal(
            (await lab.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/101", 0, Cancel)).Select(static s => s.Guid),
            (await lab.Zfs.ListSnapshotsAsync($"{_backup}/{Branch}", 0, Cancel)).Select(static s => s.Guid));
    }

    [Fact]
    public async Task A_transfer_that_is_delivered_again_goes_on_behind_what_has_arrived()
    {
        var all = Send(from: null, "a", "b", "c");
        await SucceedAsync(all);
        foreach (var name in new[] { "c", "b" })
            await lab.Zfs.DestroyAsync($"{_backup}/{Branch}@{name}", Cancel);
        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(all);

        Assert.Equal(["a", "b", "c"], await SnapshotsAsync(Branch));
    }

    [Fact]
    public async Task Undoing_an_increment_keeps_the_base()
    {
        await SucceedAsync(Send(from: null, "a", "b"));
        var increment = Send("b", "c", "d");
        await SucceedAsync(increment);

        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(increment with { Rollback = true, Queue = "rollback" });

        Assert.Equal(["a", "b"], await SnapshotsAsync(Branch));
    }

    [Fact]
    public async Task Undoing_the_first_transfer_leaves_no_branch()
    {
        var first = Send(from: null, "a", "b");
        await SucceedAsync(first);
        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(first with { Rollback = true, Queue = "rollback" });
        Assert.False(await lab.Zfs.ExistsAsync($"{_backup}/{Branch}", Cancel));
    }

    [Fact]
    public async Task A_backup_with_something_newer_is_not_overwritten()
    {
        await SucceedAsync(Send(from: null, "a", "b"));
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{_backup}/{Branch}", "mine"), Cancel);

        var refused = await _node.RunAsync(Send("b", "c"), Cancel);
        Assert.Contains("is mine, which is not where this transfer goes on", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "mine"], await SnapshotsAsync(Branch));
    }

    [Fact]
    public async Task A_missing_snapshot_fails_with_the_senders_words_and_leaves_nothing()
    {
        var send = Send(from: null, "gone");
        var failed = await _node.RunAsync(send, Cancel);
        Assert.Contains("gone", failed.Error, StringComparison.Ordinal);
        await SucceedAsync(send with { Rollback = true, Queue = "rollback" });
        Assert.False(await lab.Zfs.ExistsAsync($"{_backup}/{Branch}", Cancel));
    }

    [Fact]
    public async Task Branching_moves_the_older_part_and_can_be_undone()
    {
        await SucceedAsync(Send(from: null, "a", "b", "c", "d"));
        var branch = BranchAt("b");

        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(branch);
        Assert.Equal(["a", "b"], await SnapshotsAsync("101/tree.0/branch-b.0"));
        Assert.Equal(["c", "d"], await SnapshotsAsync(Branch));

        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(branch with { Rollback = true, Queue = "rollback" });
        Assert.Equal(["a", "b", "c", "d"], await SnapshotsAsync(Branch));
        Assert.False(await lab.Zfs.ExistsAsync($"{_backup}/101/tree.0/branch-b.0", Cancel));
    }

    [Fact]
    public async Task A_branch_that_was_cloned_and_not_promoted_yet_is_finished()
    {
        await SucceedAsync(Send(from: null, "a", "b", "c"));
        await lab.Zfs.CloneAsync(new SnapshotName($"{_backup}/{Branch}", "b"), $"{_backup}/101/tree.0/branch-b.0", null, Cancel);

        await SucceedAsync(BranchAt("b"));
        Assert.Equal(["a", "b"], await SnapshotsAsync("101/tree.0/branch-b.0"));
    }

    [Fact]
    public async Task A_snapshot_comes_back_from_the_backup_with_the_datasets_below_in_place()
    {
        await SucceedAsync(Send(from: null, "a", "b", "c", "d"));
        var below = await _node.CreateDatasetAsync("101/var", Cancel);
        await File.WriteAllTextAsync(Path.Combine(below, "log"), "kept", Cancel);
        await _node.Zfs.SetPropertyAsync($"{_node.Filesystem}/101", "cz.vpsfree.vpsadmin:note", "mine", Cancel);
        var (prepare, apply) = Restore("b", "a", "b", "c", "d");

        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(prepare);
        Assert.Equal("d", await File.ReadAllTextAsync(Path.Combine(_folder, "file"), Cancel));
        for (var delivery = 0; delivery < 2; delivery++)
            await SucceedAsync(apply);

        Assert.Equal("b", await File.ReadAllTextAsync(Path.Combine(_folder, "file"), Cancel));
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(below, "log"), Cancel));
        Assert.Equal("mine", await _node.Zfs.GetLocalPropertyAsync($"{_node.Filesystem}/101", "cz.vpsfree.vpsadmin:note", Cancel));
        Assert.Equal("b", Assert.Single(await lab.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/101", 0, Cancel)).Name.Name);
    }

    [Fact]
    public async Task A_dataset_below_is_not_mounted_through_a_link_that_comes_back()
    {
        var elsewhere = await _node.CreateDatasetAsync("102", Cancel);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "www"), elsewhere);
        await _node.SnapshotAsync("101", "e", Cancel);
        await SucceedAsync(Send(from: null, "a", "b", "c", "d", "e"));
        File.Delete(Path.Combine(_folder, "www"));
        await SucceedAsync(_node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, "101/www", Quota: null)));
        await File.WriteAllTextAsync(Path.Combine(_folder, "www", "file"), "kept", Cancel);
        var (prepare, apply) = Restore("e", "a", "b", "c", "d", "e");

        await SucceedAsync(prepare);
        await SucceedAsync(apply);

        Assert.Equal(elsewhere, new FileInfo(Path.Combine(_folder, "www")).LinkTarget);
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Assert.False((await lab.Zfs.GetFilesystemAsync($"{_node.Filesystem}/101/www", Cancel)).IsMounted);
        File.Delete(Path.Combine(_folder, "www"));
        await new NestedDataset(lab.Zfs).MountAllAsync(_node.Filesystem, Assert.Fail, Cancel);
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(_folder, "www", "file"), Cancel));
    }

    /// <summary>A dataset below a VPS's root is rolled back itself, while the VPS has a link where it belongs.</summary>
    [Fact]
    public async Task A_dataset_below_a_root_does_not_come_back_through_a_link()
    {
        var elsewhere = await _node.CreateDatasetAsync("102", Cancel);
        var www = Path.Combine(_folder, "www");
        await SucceedAsync(_node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, "101/www", Quota: null)));
        await File.WriteAllTextAsync(Path.Combine(www, "file"), "a", Cancel);
        await _node.SnapshotAsync("101/www", "a", Cancel);
        var branch = "101/www/tree.0/branch-a.0";
        await SucceedAsync(_node.Message(TransactionType.LocalSend, new LocalSendInput(_node.Filesystem, "101/www", _backup, branch, null, ["a"])));
        await lab.Zfs.UnmountAsync($"{_node.Filesystem}/101/www", Cancel);
        Directory.Delete(www);
        Directory.CreateSymbolicLink(www, elsewhere);

        await SucceedAsync(_node.Message(TransactionType.PrepareRollback, new PrepareRollbackInput(_node.Filesystem, 7, _backup, branch, "a")));
        await SucceedAsync(_node.Message(TransactionType.ApplyRollback, new ApplyRollbackInput(_node.Filesystem, "101/www", 7, "a", ["a"])));

        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Assert.False((await lab.Zfs.GetFilesystemAsync($"{_node.Filesystem}/101/www", Cancel)).IsMounted);
        File.Delete(www);
        await new NestedDataset(lab.Zfs).MountAllAsync(_node.Filesystem, Assert.Fail, Cancel);
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(www, "file"), Cancel));
    }

    [Fact]
    public async Task Applying_goes_on_where_a_node_died()
    {
        await SucceedAsync(Send(from: null, "a", "b", "c", "d"));
        await _node.CreateDatasetAsync("101/var", Cancel);
        var (prepare, apply) = Restore("b", "a", "b", "c", "d");
        await SucceedAsync(prepare);
        var restored = $"{_node.Filesystem}/vpsadmin/rollback/7";
        await _node.Zfs.RenameAsync($"{_node.Filesystem}/101/var", restored + "/var", Cancel);
        await _node.Zfs.DestroyRecursivelyAsync($"{_node.Filesystem}/101", Cancel);

        await SucceedAsync(apply);
        Assert.True(await _node.Zfs.ExistsAsync($"{_node.Filesystem}/101/var", Cancel));
        Assert.False(await _node.Zfs.ExistsAsync(restored, Cancel));
    }

    [Fact]
    public async Task A_snapshot_that_would_be_lost_unknown_stops_it_and_undoing_leaves_all_as_it_was()
    {
        await SucceedAsync(Send(from: null, "a", "b"));
        var (prepare, apply) = Restore("b", "a", "b", "c");
        await SucceedAsync(prepare);
        var refused = await _node.RunAsync(apply, Cancel);
        Assert.Contains("101@d would be lost", refused.Error, StringComparison.Ordinal);

        await SucceedAsync(apply with { Rollback = true, Queue = "rollback" });
        await SucceedAsync(prepare with { Rollback = true, Queue = "rollback" });
        Assert.Equal("d", await File.ReadAllTextAsync(Path.Combine(_folder, "file"), Cancel));
        Assert.False(await _node.Zfs.ExistsAsync($"{_node.Filesystem}/vpsadmin/rollback/7", Cancel));
    }

    private TransactionMessage Send(string? from, params string[] snapshots) =>
        _node.Message(TransactionType.LocalSend, new LocalSendInput(_node.Filesystem, "101", _backup, Branch, from, snapshots));

    private TransactionMessage BranchAt(string snapshot) => _node.Message(
        TransactionType.BranchDataset, new BranchDatasetInput(_backup, "101/tree.0", "branch-a.0", $"branch-{snapshot}.0", snapshot));

    private (TransactionMessage Prepare, TransactionMessage Apply) Restore(string snapshot, params string[] known) => (
        _node.Message(TransactionType.PrepareRollback, new PrepareRollbackInput(_node.Filesystem, 7, _backup, Branch, snapshot)),
        _node.Message(TransactionType.ApplyRollback, new ApplyRollbackInput(_node.Filesystem, "101", 7, snapshot, known)));

    private async Task SucceedAsync(TransactionMessage message) => Assert.Null((await _node.RunAsync(message, Cancel)).Error);

    private async Task<IEnumerable<string>> SnapshotsAsync(string dataset) =>
        (await lab.Zfs.ListSnapshotsAsync($"{_backup}/{dataset}", depth: 0, Cancel)).Select(static s => s.Name.Name);
}
