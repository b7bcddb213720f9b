using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

public class RotationRunnerTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<(string Filesystem, RotationResult Result)> RotateAsync(Func<string, Task> arrange, int current, RotationPolicy policy)
    {
        var filesystem = await lab.CreateFilesystemAsync("rotation");
        await arrange(filesystem);
        var local = await new LocalInventoryReader(lab.Zfs).ReadAsync(filesystem, Cancel);
        // A day later, so that all of them are of one age, whatever the clock of the test did.
        var plan = RotationPlanner.Plan(local, current, policy, DateTimeOffset.UtcNow.AddDays(1));
        return (filesystem, await new RotationRunner(lab.Zfs).RunAsync(local, plan, progress: null, Cancel));
    }

    private async Task CreateAsync(string filesystem, string[] snapshots, bool readOnly = false)
    {
        // Not mounted, as what was received is: zfs-fuse tells the mount's state, not the property's.
        await lab.Zfs.CreateFilesystemAsync(filesystem, new Dictionary<string, string> { ["readonly"] = readOnly ? "on" : "off", ["canmount"] = "off" }, Cancel);
        foreach (var snapshot in snapshots)
            await lab.Zfs.SnapshotAsync(new SnapshotName(filesystem, snapshot), Cancel);
    }

    [Fact]
    public async Task Old_snapshots_go_and_the_history_that_they_empty_goes_with_them()
    {
        var (filesystem, result) = await RotateAsync(async fs =>
        {
            await CreateAsync($"{fs}/0", ["a"]);
            await CreateAsync($"{fs}/1", ["b", "c"]);
            await CreateAsync($"{fs}/0.old", ["x"]);
        }, current: 1, new RotationPolicy(1, 1, TimeSpan.FromHours(1)));

        Assert.Equal([$"{filesystem}/0@a", $"{filesystem}/1@b"], result.Destroyed.Order());
        Assert.Empty(result.Warnings);
        Assert.Equal(
            [filesystem, $"{filesystem}/0.old", $"{filesystem}/1"],
            (await lab.Zfs.ListFilesystemsAsync(filesystem, null, Cancel)).Select(static f => f.Name).Order());
        Assert.Equal(
            [$"{filesystem}/0.old@x", $"{filesystem}/1@c"],
            (await lab.Zfs.ListSnapshotsAsync(filesystem, null, Cancel)).Select(static s => s.Name.ToString()).Order());
    }

    [Fact]
    public async Task A_snapshot_with_a_clone_stays_with_a_warning_and_so_does_its_history()
    {
        var (filesystem, result) = await RotateAsync(async fs =>
        {
            await CreateAsync($"{fs}/0", ["a", "b"]);
            await CreateAsync($"{fs}/1", ["c"]);
            await lab.Zfs.CloneAsync(new SnapshotName($"{fs}/0", "a"), $"{fs}/clone", properties: null, Cancel);
        }, current: 1, new RotationPolicy(1, 1, TimeSpan.FromHours(1)));

        Assert.Equal([$"{filesystem}/0@b"], result.Destroyed);
        Assert.Contains($"{filesystem}/0@a", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.True(await lab.Zfs.ExistsAsync($"{filesystem}/0@a", Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_number_without_snapshots_is_taken_for_a_backup_only_if_read_only(bool readOnly)
    {
        var (filesystem, result) = await RotateAsync(async fs =>
        {
            await CreateAsync($"{fs}/2024", [], readOnly);
            await CreateAsync($"{fs}/0", ["a"]);
        }, current: 0, new RotationPolicy(1, 1));

        if (readOnly)
            Assert.Empty(result.Warnings);
        else
            Assert.Contains("is left alone", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(!readOnly, await lab.Zfs.ExistsAsync($"{filesystem}/2024", Cancel));
    }

    [Fact]
    public async Task Somebody_elses_rotation_may_have_been_faster()
    {
        var filesystem = await lab.CreateFilesystemAsync("rotation");
        await CreateAsync($"{filesystem}/0", ["a", "b"]);
        var local = await new LocalInventoryReader(lab.Zfs).ReadAsync(filesystem, Cancel);
        await lab.Zfs.DestroyAsync($"{filesystem}/0@a", Cancel);
        var result = await new RotationRunner(lab.Zfs).RunAsync(local, new RotationPlan([local.Snapshots[0]], []), null, Cancel);
        Assert.Empty(result.Warnings);
    }
}
