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

    private async Task CreateAsync(string filesystem, string[] snapshots)
    {
        // Not mounted, as what was received is.
        await lab.Zfs.CreateFilesystemAsync(filesystem, new Dictionary<string, string> { ["canmount"] = "off" }, Cancel);
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
    public async Task A_snapshot_with_a_clone_stays_and_so_does_its_history()
    {
        var (filesystem, result) = await RotateAsync(async fs =>
        {
            await CreateAsync($"{fs}/0", ["a", "b"]);
            await CreateAsync($"{fs}/1", ["c"]);
            await lab.Zfs.CloneAsync(new SnapshotName($"{fs}/0", "a"), $"{fs}/clone", properties: null, Cancel);
        }, current: 1, new RotationPolicy(1, 1, TimeSpan.FromHours(1)));

        Assert.Equal([$"{filesystem}/0@b"], result.Destroyed);
        Assert.Empty(result.Warnings);
        Assert.True(await lab.Zfs.ExistsAsync($"{filesystem}/0@a", Cancel));
    }

    [Fact]
    public async Task What_somebody_has_cloned_since_stays_with_a_warning()
    {
        var filesystem = await lab.CreateFilesystemAsync("rotation");
        await CreateAsync($"{filesystem}/0", ["a"]);
        await CreateAsync($"{filesystem}/1", ["c"]);
        var local = await new LocalInventoryReader(lab.Zfs).ReadAsync(filesystem, Cancel);
        await lab.Zfs.CloneAsync(new SnapshotName($"{filesystem}/0", "a"), $"{filesystem}/clone", properties: null, Cancel);
        var result = await new RotationRunner(lab.Zfs).RunAsync(local, new RotationPlan([local.Snapshots[0]], [0]), null, Cancel);
        Assert.Contains($"{filesystem}/0@a", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.True(await lab.Zfs.ExistsAsync($"{filesystem}/0@a", Cancel));
    }

    [Theory]
    [InlineData("on", false)]
    [InlineData("off", true)]
    public async Task A_history_without_snapshots_goes_unless_somebody_has_made_it_writable(string isReadOnly, bool stays)
    {
        var filesystem = await lab.CreateFilesystemAsync("rotation");
        await CreateAsync($"{filesystem}/0", []);
        await lab.Zfs.SetPropertyAsync($"{filesystem}/0", "readonly", isReadOnly, Cancel);
        var local = await new LocalInventoryReader(lab.Zfs).ReadAsync(filesystem, Cancel);
        var result = await new RotationRunner(lab.Zfs).RunAsync(local, new RotationPlan([], [0]), null, Cancel);
        Assert.Equal(stays, result.Warnings.Any(static w => w.Contains("not read-only", StringComparison.Ordinal)));
        Assert.Equal(stays, await lab.Zfs.ExistsAsync($"{filesystem}/0", Cancel));
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
