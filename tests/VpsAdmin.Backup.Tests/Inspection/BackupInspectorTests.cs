using VpsAdmin.Backup.Inspection;
using VpsAdmin.Backup.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Inspection;

public class BackupInspectorTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupInspector Inspector => new(lab.Zfs);

    private async Task CreateAsync(string filesystem, params string[] snapshots)
    {
        await lab.Zfs.CreateFilesystemAsync(filesystem, properties: null, Cancel);
        foreach (var snapshot in snapshots)
            await lab.Zfs.SnapshotAsync(new SnapshotName(filesystem, snapshot), Cancel);
    }

    [Fact]
    public async Task A_backup_is_read_as_zfs_has_it()
    {
        var filesystem = await lab.CreateFilesystemAsync("inspected");
        await CreateAsync($"{filesystem}/0", "a");
        await CreateAsync($"{filesystem}/1", "b");
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, "42", Cancel);

        var backup = await Inspector.ReadAsync(filesystem, BackupInspector.Daily, Cancel);

        var b = await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{filesystem}/1", "b"), Cancel);
        Assert.Equal(42, backup.DatasetId);
        Assert.Equal(new BackupSnapshot($"{filesystem}/1", 1, "b", b.Creation, b.Guid, IsHeld: false, b.Referenced), backup.Base);
        Assert.Equal((await lab.Zfs.GetFilesystemAsync($"{filesystem}/1", Cancel)).Used, backup.Histories[1].Used);
    }

    [Fact]
    public async Task Backups_below_a_root_are_found_and_a_property_is_not_inherited()
    {
        var root = await lab.CreateFilesystemAsync("found");
        await CreateAsync($"{root}/web");
        await CreateAsync($"{root}/web/0", "a");
        await CreateAsync($"{root}/data", "x");
        await CreateAsync($"{root}/web/notes");
        await lab.Zfs.SetPropertyAsync($"{root}/web", BackupRunner.DatasetIdProperty, "42", Cancel);

        var found = await Inspector.FindAsync(root, BackupInspector.Daily, Cancel);

        Assert.Equal(($"{root}/web", 42L), Assert.Single(found.Select(static b => (b.Filesystem, b.DatasetId!.Value))));
    }

    [Fact]
    public async Task A_filesystem_that_is_not_there_is_an_error()
    {
        var root = await lab.CreateFilesystemAsync("missing");
        var error = await Assert.ThrowsAsync<ZfsException>(() => Inspector.ReadAsync($"{root}/nowhere", BackupInspector.Daily, Cancel));
        Assert.Equal(ZfsFailure.NotFound, error.Failure);
    }
}
