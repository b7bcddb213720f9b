using System.Text.Json;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>Destructions that fail when some of the snapshots are gone: the server has to know which.</summary>
public sealed class BrokenDestructionTests(LabFixture lab) : IAsyncLifetime
{
    private readonly string _programs = Directory.CreateTempSubdirectory("zfs-").FullName;
    private TestNode _node = null!;
    private TransactionMessage _destroy = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel, new ZfsHost(new ZfsHostOptions(Program: await WriteZfsAsync())));
        await _node.CreateDatasetAsync("101", Cancel);
        foreach (var name in new[] { "gone", "left" })
            await _node.SnapshotAsync("101", name, Cancel);
        _destroy = _node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(_node.Filesystem, "101"));
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_programs, recursive: true);
    }

    [Fact]
    public async Task What_is_left_is_mounted_and_told_and_is_not_called_undone()
    {
        var failed = await _node.RunAsync(_destroy, Cancel);
        Assert.Contains("I/O error", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["left"], LeftOf(failed));

        Assert.True((await lab.Zfs.GetFilesystemAsync($"{_node.Filesystem}/101", Cancel)).IsMounted);
        Assert.Contains("cannot be brought back", (await _node.RunAsync(_destroy with { Rollback = true, Queue = "rollback" }, Cancel)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_is_told_when_the_work_comes_again_and_fails_before_it_destroys_anything()
    {
        Assert.Equal(["left"], LeftOf(await _node.RunAsync(_destroy, Cancel)));

        await using (File.Create(Path.Combine(_node.Folder, "101", "open")))
        {
            var again = await _node.RunAsync(_destroy, Cancel);
            Assert.Contains("busy", again.Error, StringComparison.Ordinal);
            Assert.Equal(["left"], LeftOf(again));
        }
        await lab.Zfs.HoldAsync(new($"{_node.Filesystem}/101", "left"), "mine", Cancel);
        var held = await _node.RunAsync(_destroy, Cancel);
        Assert.Contains("101@left is held", held.Error, StringComparison.Ordinal);
        Assert.Equal(["left"], LeftOf(held));
        await lab.Zfs.ReleaseAsync(new($"{_node.Filesystem}/101", "left"), "mine", Cancel);
    }

    [Fact]
    public async Task What_is_left_is_told_when_it_cannot_be_mounted_again()
    {
        await BreakAsync("mount");
        var failed = await _node.RunAsync(_destroy, Cancel);
        Assert.Contains("I/O error", failed.Error, StringComparison.Ordinal);
        Assert.Contains($"And {_node.Filesystem}/101 is not mounted: ", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["left"], LeftOf(failed));
    }

    [Fact]
    public async Task A_pool_that_does_not_tell_what_is_left_does_not_hide_why_it_failed()
    {
        await BreakAsync("get");
        var failed = await _node.RunAsync(_destroy, Cancel);
        Assert.Contains("I/O error", failed.Error, StringComparison.Ordinal);
        Assert.Contains("Which snapshots are left is not known: 'vpsadmin-server check'", failed.Error, StringComparison.Ordinal);
        Assert.Null(failed.Output);
    }

    [Fact]
    public async Task Snapshots_of_datasets_below_are_not_taken_for_those_that_are_left()
    {
        await _node.CreateDatasetAsync("101/var", Cancel);
        await _node.SnapshotAsync("101/var", "gone", Cancel);
        await lab.Zfs.DestroyAsync($"{_node.Filesystem}/101@gone", Cancel);
        var failed = await _node.RunAsync(_destroy, Cancel);
        Assert.Contains("has children", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["left"], LeftOf(failed));
    }

    private static IReadOnlyList<string> LeftOf(TransactionFinished failed) => failed.Output.Deserialize(NodeJson.Default.SnapshotsLeft)!.Snapshots;

    /// <summary>A command of zfs fails when something was destroyed.</summary>
    private Task BreakAsync(string command) => File.WriteAllTextAsync(Path.Combine(_programs, "broken"), command, Cancel);

    /// <summary>It destroys a snapshot first, as zfs does.</summary>
    private async Task<string> WriteZfsAsync()
    {
        var program = Path.Combine(_programs, "zfs");
        await File.WriteAllTextAsync(program, $$"""
            #!/bin/sh
            if [ "$1" = destroy ]; then
                zfs destroy "$3@gone" 2>/dev/null
                touch {{_programs}}/begun
                echo "cannot destroy '$3': I/O error" >&2
                exit 1
            fi
            if [ -e {{_programs}}/begun ] && [ "$1" = "$(cat {{_programs}}/broken 2>/dev/null)" ]; then
                echo "cannot $1: I/O error of another kind" >&2
                exit 1
            fi
            exec zfs "$@"

            """, Cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return program;
    }
}
