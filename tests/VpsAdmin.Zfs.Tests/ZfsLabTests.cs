using System.Globalization;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

public sealed class ZfsLabTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<ProcessResult> LabAsync(int owner, params string[] arguments)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "zfs-lab.sh");
        await using var process = OwnedProcess.Start(new ProcessSpec("bash", [script, .. arguments, "--owner", owner.ToString(CultureInfo.InvariantCulture)]));
        return await process.Completion;
    }

    [Fact]
    public async Task A_pool_can_be_made_written_to_and_leaves_no_folder_behind()
    {
        string mountpoint;
        await using (var pool = await lab.CreatePoolAsync("quick"))
        {
            mountpoint = pool.Mountpoint;
            await File.WriteAllTextAsync(Path.Combine(mountpoint, "file"), "content", Cancel);
            var mounts = await File.ReadAllLinesAsync("/proc/self/mounts", Cancel);
            Assert.Contains(mounts, line => line.StartsWith($"{pool.Name} {mountpoint} ", StringComparison.Ordinal));
        }
        Assert.False(Directory.Exists(Path.GetDirectoryName(mountpoint)));
    }

    [Fact]
    public async Task What_a_dead_owner_left_is_destroyed_and_the_living_keep_theirs()
    {
        await using var mine = await lab.CreatePoolAsync("mine");
        var name = $"{mine.Name}-dead";
        await using (var owner = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"])))
        {
            Assert.Equal(0, (await LabAsync(owner.Id, "start")).ExitCode);
            Assert.Equal(0, (await LabAsync(owner.Id, "pool", name, "100M")).ExitCode);
            Assert.True(await new ZfsHost().ExistsAsync(name, Cancel));
        }

        Assert.Equal(0, (await LabAsync(Environment.ProcessId, "start")).ExitCode);

        Assert.False(await new ZfsHost().ExistsAsync(name, Cancel));
        Assert.True(await new ZfsHost().ExistsAsync(mine.Name, Cancel));
    }

    [Fact]
    public async Task Only_its_maker_drops_a_pool_and_only_pools_of_the_lab_are_made()
    {
        await using var pool = await lab.CreatePoolAsync("mine");
        await using var stranger = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"]));
        Assert.Equal(0, (await LabAsync(stranger.Id, "start")).ExitCode);

        Assert.Equal(1, (await LabAsync(stranger.Id, "drop", pool.Name)).ExitCode);
        Assert.Equal(1, (await LabAsync(stranger.Id, "pool", pool.Name, "100M")).ExitCode);
        Assert.Equal(2, (await LabAsync(stranger.Id, "pool", "tank", "100M")).ExitCode);
        Assert.Equal(0, (await LabAsync(stranger.Id, "stop")).ExitCode);
        Assert.True(await new ZfsHost().ExistsAsync(pool.Name, Cancel));
    }

    [Fact]
    public async Task A_pool_that_does_not_carry_the_mark_is_left_alone()
    {
        await using var pool = await lab.CreatePoolAsync("mark");
        var token = await new ZfsHost().GetLocalPropertyAsync(pool.Name, "vpsadmin.lab:token", Cancel);
        await new ZfsHost().SetPropertyAsync(pool.Name, "vpsadmin.lab:token", "other", Cancel);

        Assert.Equal(1, (await LabAsync(Environment.ProcessId, "drop", pool.Name)).ExitCode);

        Assert.True(await new ZfsHost().ExistsAsync(pool.Name, Cancel));
        await new ZfsHost().SetPropertyAsync(pool.Name, "vpsadmin.lab:token", token!, Cancel);
    }
}
