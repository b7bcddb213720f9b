using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

public class LocalInventoryReaderTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LocalInventoryReader Reader => new(lab.Zfs);

    private async Task CreateAsync(string filesystem, params string[] snapshots)
    {
        await lab.Zfs.CreateFilesystemAsync(filesystem, properties: null, Cancel);
        foreach (var snapshot in snapshots)
            await lab.Zfs.SnapshotAsync(new SnapshotName(filesystem, snapshot), Cancel);
    }

    [Fact]
    public async Task V16_Histories_are_numbers_directly_below_and_everything_else_is_ignored()
    {
        var filesystem = await lab.CreateFilesystemAsync("inventory");
        await CreateAsync($"{filesystem}/10", "c");
        await CreateAsync($"{filesystem}/2", "b", "a");
        await CreateAsync($"{filesystem}/0");
        await CreateAsync($"{filesystem}/0.old", "x");
        await CreateAsync($"{filesystem}/2/7", "y");
        await lab.Zfs.SnapshotAsync(new SnapshotName(filesystem, "own"), Cancel);

        var inventory = await Reader.ReadAsync(filesystem, Cancel);

        Assert.Equal([0, 2, 10], inventory.HistoryIds);
        Assert.Equal([(2, "a"), (2, "b"), (10, "c")], inventory.Snapshots.Select(static s => (s.HistoryId, s.Name)).Order());
        Assert.Equal(["b", "a"], inventory.Snapshots.Where(static s => s.HistoryId == 2).Select(static s => s.Name));
        var a = await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{filesystem}/2", "a"), Cancel);
        Assert.Equal([$"{filesystem}/0.old"], inventory.OtherChildren);
        Assert.Contains(new LocalSnapshot(2, "a", a.Creation, a.Guid, IsHeld: false), inventory.Snapshots);
    }

    [Fact]
    public async Task BUG22_A_filesystem_whose_own_name_is_a_number_is_no_history_of_itself()
    {
        var parent = await lab.CreateFilesystemAsync("numeric");
        var filesystem = $"{parent}/5";
        await CreateAsync(filesystem, "own");
        await CreateAsync($"{filesystem}/0", "a");

        var inventory = await Reader.ReadAsync(filesystem, Cancel);

        Assert.Equal([0], inventory.HistoryIds);
        Assert.Equal(["a"], inventory.Snapshots.Select(static s => s.Name));
    }

    [Fact]
    public async Task BUG21_What_the_parent_remembers_is_not_the_childs()
    {
        var parent = await lab.CreateFilesystemAsync("property");
        await CreateAsync($"{parent}/child");
        await lab.Zfs.SetPropertyAsync(parent, BackupRunner.DatasetIdProperty, "42", Cancel);

        Assert.Equal(42, (await Reader.ReadAsync(parent, Cancel)).SavedDatasetId);
        Assert.Null((await Reader.ReadAsync($"{parent}/child", Cancel)).SavedDatasetId);
    }

    [Fact]
    public async Task A_property_that_is_no_id_is_said_not_overlooked()
    {
        var filesystem = await lab.CreateFilesystemAsync("property");
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, "web", Cancel);
        var error = await Assert.ThrowsAsync<BackupConflictException>(() => Reader.ReadAsync(filesystem, Cancel));
        Assert.Contains("'web'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filesystem_that_is_not_there_is_an_error()
    {
        var filesystem = await lab.CreateFilesystemAsync("missing");
        var error = await Assert.ThrowsAsync<ZfsException>(() => Reader.ReadAsync($"{filesystem}/nowhere", Cancel));
        Assert.Equal(ZfsFailure.NotFound, error.Failure);
    }
}
