using VpsAdmin.Lab;
using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

/// <summary>Datasets, properties and snapshots on a real ZFS.</summary>
public sealed class ZfsHostTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_filesystem_is_created_found_and_destroyed()
    {
        Assert.False(await Zfs.ExistsAsync(Name("a"), Cancel));
        await Zfs.CreateFilesystemAsync(Name("a"), new Dictionary<string, string> { ["compression"] = "gzip", ["x.y:note"] = "with spaces, and = signs" }, Cancel);

        Assert.True(await Zfs.ExistsAsync(Name("a"), Cancel));
        var found = await Zfs.GetFilesystemAsync(Name("a"), Cancel);
        Assert.Equal((Name("a"), Path.Combine(Pool.Mountpoint, "a"), true, false), (found.Name, found.Mountpoint, found.IsMounted, found.IsReadOnly));
        Assert.InRange(found.Available, 100 << 20, 1 << 30);
        Assert.InRange(found.Referenced, 1, found.Used);
        Assert.Equal("with spaces, and = signs", await Zfs.GetLocalPropertyAsync(Name("a"), "x.y:note", Cancel));

        await Zfs.DestroyAsync(Name("a"), Cancel);
        Assert.False(await Zfs.ExistsAsync(Name("a"), Cancel));
    }

    [Fact]
    public async Task A_filesystem_can_be_read_only_and_without_a_folder()
    {
        await Zfs.CreateFilesystemAsync(Name("a"), new Dictionary<string, string> { ["readonly"] = "on", ["mountpoint"] = "none" }, Cancel);
        var found = await Zfs.GetFilesystemAsync(Name("a"), Cancel);
        Assert.Equal((null, false, true), (found.Mountpoint, found.IsMounted, found.IsReadOnly));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var missing = Snapshot("none", "s");
        Func<Task>[] calls =
        [
            () => Zfs.GetFilesystemAsync(missing.Dataset, Cancel),
            () => Zfs.ListFilesystemsAsync(missing.Dataset, null, Cancel),
            () => Zfs.ListSnapshotsAsync(missing.Dataset, null, Cancel),
            () => Zfs.GetSnapshotAsync(missing, Cancel),
            () => Zfs.GetLocalPropertyAsync(missing.Dataset, "readonly", Cancel),
            () => Zfs.DestroyAsync(missing.ToString(), Cancel),
            () => Zfs.RollbackAsync(missing, Cancel),
        ];
        foreach (var call in calls)
            Assert.Equal(ZfsFailure.NotFound, (await Assert.ThrowsAsync<ZfsException>(call)).Failure);
        Assert.False(await Zfs.ExistsAsync("no-such-pool/a", Cancel));
    }

    [Fact]
    public async Task What_exists_is_not_created_again()
    {
        await CreateAsync("a");
        await Zfs.SnapshotAsync(Snapshot("a", "s"), Cancel);
        Assert.Equal(ZfsFailure.AlreadyExists, (await Assert.ThrowsAsync<ZfsException>(() => CreateAsync("a"))).Failure);
        Assert.Equal(ZfsFailure.AlreadyExists, (await Assert.ThrowsAsync<ZfsException>(() => Zfs.SnapshotAsync(Snapshot("a", "s"), Cancel))).Failure);
    }

    [Fact]
    public async Task A_property_is_local_only_where_it_was_set()
    {
        const string Property = "cz.vpsfree.vpsadmin:dataset_id";
        await CreateAsync("a");
        await CreateAsync("a/b");
        await Zfs.SetPropertyAsync(Name("a"), Property, "42", Cancel);
        Assert.Equal("42", await Zfs.GetLocalPropertyAsync(Name("a"), Property, Cancel));
        Assert.Null(await Zfs.GetLocalPropertyAsync(Name("a/b"), Property, Cancel));
        Assert.Null(await Zfs.GetLocalPropertyAsync(Pool.Name, Property, Cancel));
    }

    [Fact]
    public async Task Filesystems_are_listed_to_a_depth_parents_first_and_without_snapshots()
    {
        foreach (var path in new[] { "a", "a-b", "a/b", "a/b/c", "b" })
            await CreateAsync(path);
        await Zfs.SnapshotAsync(Snapshot("a/b", "s"), Cancel);

        async Task<string[]> ListAsync(string root, int? depth) =>
            [.. (await Zfs.ListFilesystemsAsync(root, depth, Cancel)).Select(d => d.Name[Pool.Name.Length..])];

        Assert.Equal(["/a"], await ListAsync(Name("a"), 0));
        Assert.Equal(["/a", "/a/b"], await ListAsync(Name("a"), 1));
        Assert.Equal(["/a", "/a/b", "/a/b/c"], await ListAsync(Name("a"), null));
        Assert.Equal(["", "/a", "/a-b", "/b"], (await ListAsync(Pool.Name, 1)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Snapshots_are_listed_oldest_first_whatever_their_names()
    {
        await CreateAsync("a");
        await CreateAsync("a/b");
        foreach (var name in new[] { "z", "m", "a" })
            await Zfs.SnapshotAsync(Snapshot("a", name), Cancel);
        await Zfs.SnapshotAsync(Snapshot("a/b", "s"), Cancel);

        var own = await Zfs.ListSnapshotsAsync(Name("a"), 0, Cancel);
        Assert.Equal(["z", "m", "a"], own.Select(s => s.Name.Name));
        Assert.Equal(3, own.Select(s => s.Guid).Distinct().Count());
        Assert.Equal(own[1], await Zfs.GetSnapshotAsync(Snapshot("a", "m"), Cancel));

        var all = await Zfs.ListSnapshotsAsync(Pool.Name, null, Cancel);
        Assert.Equal([.. own.Select(s => s.Name), Snapshot("a/b", "s")], all.Select(s => s.Name));
        Assert.Empty(await Zfs.ListSnapshotsAsync(Pool.Name, 0, Cancel));
        Assert.Equal(3, (await Zfs.ListSnapshotsAsync(Pool.Name, 1, Cancel)).Count);
    }

    [Fact]
    public async Task A_held_snapshot_is_in_use_until_released()
    {
        await CreateAsync("a");
        var held = Snapshot("a", "kept");
        await Zfs.SnapshotAsync(held, Cancel);
        await RunZfsAsync("hold", "test", held.ToString());
        Assert.Equal(1, (await Zfs.GetSnapshotAsync(held, Cancel)).Holds);

        var error = await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyAsync(held.ToString(), Cancel));
        Assert.Equal(ZfsFailure.InUse, error.Failure);
        error = await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyRecursivelyAsync(Name("a"), Cancel));
        Assert.Equal(ZfsFailure.InUse, error.Failure);
        Assert.True(await Zfs.ExistsAsync(held.ToString(), Cancel));

        await RunZfsAsync("release", "test", held.ToString());
        await Zfs.DestroyAsync(held.ToString(), Cancel);
        Assert.False(await Zfs.ExistsAsync(held.ToString(), Cancel));
    }

    [Fact]
    public async Task A_filesystem_with_snapshots_is_destroyed_only_recursively()
    {
        await CreateAsync("a");
        await CreateAsync("a/b");
        await Zfs.SnapshotAsync(Snapshot("a/b", "s"), Cancel);
        Assert.Equal(ZfsFailure.InUse, (await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyAsync(Name("a"), Cancel))).Failure);
        Assert.Equal(ZfsFailure.InUse, (await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyAsync(Name("a/b"), Cancel))).Failure);
        await Zfs.DestroyRecursivelyAsync(Name("a"), Cancel);
        Assert.False(await Zfs.ExistsAsync(Name("a"), Cancel));
    }

    [Fact]
    public async Task A_filesystem_that_somebody_uses_is_busy()
    {
        await CreateAsync("a");
        await using (File.Create(Path.Combine(Pool.Mountpoint, "a", "open")))
        {
            var hasty = new ZfsHost(time: new HastyTime());
            Assert.Equal(ZfsFailure.Busy, (await Assert.ThrowsAsync<ZfsException>(() => hasty.DestroyAsync(Name("a"), Cancel))).Failure);
        }
        await Zfs.DestroyAsync(Name("a"), Cancel);
    }

    [Fact]
    public async Task A_rollback_brings_back_the_content_and_drops_newer_snapshots()
    {
        await CreateAsync("a");
        var file = Path.Combine(Pool.Mountpoint, "a", "file");
        await File.WriteAllTextAsync(file, "old", Cancel);
        await Zfs.SnapshotAsync(Snapshot("a", "old"), Cancel);
        await File.WriteAllTextAsync(file, "new", Cancel);
        await Zfs.SnapshotAsync(Snapshot("a", "new"), Cancel);

        await Zfs.RollbackAsync(Snapshot("a", "old"), Cancel);

        Assert.Equal("old", await File.ReadAllTextAsync(file, Cancel));
        Assert.Equal(["old"], (await Zfs.ListSnapshotsAsync(Name("a"), 0, Cancel)).Select(s => s.Name.Name));
    }

    [Fact]
    public async Task A_rollback_over_a_held_snapshot_is_refused_and_destroys_nothing()
    {
        await CreateAsync("a");
        foreach (var name in new[] { "base", "held", "newest" })
            await Zfs.SnapshotAsync(Snapshot("a", name), Cancel);
        await RunZfsAsync("hold", "test", Name("a@held"));

        var error = await Assert.ThrowsAsync<ZfsException>(() => Zfs.RollbackAsync(Snapshot("a", "base"), Cancel));

        Assert.Equal(ZfsFailure.InUse, error.Failure);
        Assert.Contains("a@held", error.Message, StringComparison.Ordinal);
        Assert.Equal(["base", "held", "newest"], (await Zfs.ListSnapshotsAsync(Name("a"), 0, Cancel)).Select(s => s.Name.Name));
        await RunZfsAsync("release", "test", Name("a@held"));
    }

    [Fact]
    public async Task A_snapshot_is_read_through_a_clone_and_cannot_be_destroyed_under_it()
    {
        await CreateAsync("a");
        Directory.CreateDirectory(Path.Combine(Pool.Mountpoint, "a", "deep", "er"));
        await File.WriteAllTextAsync(Path.Combine(Pool.Mountpoint, "a", "deep", "er", "file"), "then", Cancel);
        await Zfs.SnapshotAsync(Snapshot("a", "s"), Cancel);
        await File.WriteAllTextAsync(Path.Combine(Pool.Mountpoint, "a", "deep", "er", "file"), "now", Cancel);

        await Zfs.CloneAsync(Snapshot("a", "s"), Name("look"), new Dictionary<string, string> { ["readonly"] = "on" }, Cancel);

        var clone = await Zfs.GetFilesystemAsync(Name("look"), Cancel);
        Assert.Equal("then", await File.ReadAllTextAsync(Path.Combine(clone.Mountpoint!, "deep", "er", "file"), Cancel));
        Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(clone.Mountpoint!, "new"), ""));
        Assert.Equal(ZfsFailure.InUse, (await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyAsync(Name("a@s"), Cancel))).Failure);
        await Zfs.DestroyAsync(Name("look"), Cancel);
        await Zfs.DestroyAsync(Name("a@s"), Cancel);
    }

    [Fact]
    public async Task The_capabilities_are_those_of_the_program_on_this_host()
    {
        var can = await Zfs.GetCapabilitiesAsync(Cancel);
        Assert.True(can.ReceiveUnmounted);
        // "list -p" either works or is refused: the two must agree.
        var works = await Record.ExceptionAsync(() => RunZfsAsync("list", "-Hp", "-o", "name", Pool.Name)) is null;
        Assert.Equal(works, can.ListParsable);
    }

    [Fact]
    public async Task Sudo_is_not_used_by_root()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Not root.");
        Assert.True(await new ZfsHost(new ZfsHostOptions(Sudo: true)).ExistsAsync(Pool.Name, Cancel));
    }
}
