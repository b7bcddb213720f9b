using VpsAdmin.Lab;
using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

/// <summary>Holds, clones that become owners, and renaming, on the lab's ZFS.</summary>
public sealed class HoldTests(LabFixture lab) : LabTest(lab)
{
    private const string Tag = "test:base";

    [Fact]
    public async Task A_hold_protects_until_it_is_released_and_both_may_be_repeated()
    {
        var name = await PrepareAsync("a");
        var snapshot = new SnapshotName(name, "a");
        await Zfs.HoldAsync(snapshot, Tag, Cancel);
        await Zfs.HoldAsync(snapshot, Tag, Cancel);
        Assert.Equal(1, (await Zfs.GetSnapshotAsync(snapshot, Cancel)).Holds);
        Assert.Equal(ZfsFailure.InUse, (await Assert.ThrowsAsync<ZfsException>(() => Zfs.DestroyAsync(snapshot.ToString(), Cancel))).Failure);

        await Zfs.ReleaseAsync(snapshot, Tag, Cancel);
        await Zfs.ReleaseAsync(snapshot, Tag, Cancel);
        await Zfs.DestroyAsync(snapshot.ToString(), Cancel);
        await Zfs.ReleaseAsync(snapshot, Tag, Cancel);
    }

    [Fact]
    public async Task A_promoted_clone_owns_its_origin_and_what_is_before_it()
    {
        var name = await PrepareAsync("a", "b", "c");
        var clone = $"{name}-clone";
        var guid = (await Zfs.GetSnapshotAsync(new SnapshotName(name, "b"), Cancel)).Guid;
        await Zfs.CloneAsync(new SnapshotName(name, "b"), clone, null, Cancel);
        Assert.Equal(new SnapshotName(name, "b"), (await Zfs.GetFilesystemAsync(clone, Cancel)).Origin);
        await Zfs.UnmountAsync(clone, Cancel);
        await Zfs.UnmountAsync(clone, Cancel);

        await Zfs.PromoteAsync(clone, Cancel);

        Assert.Null((await Zfs.GetFilesystemAsync(clone, Cancel)).Origin);
        Assert.Equal(new SnapshotName(clone, "b"), (await Zfs.GetFilesystemAsync(name, Cancel)).Origin);
        Assert.Equal(["a", "b"], (await Zfs.ListSnapshotsAsync(clone, 0, Cancel)).Select(static s => s.Name.Name));
        Assert.Equal(guid, (await Zfs.GetSnapshotAsync(new SnapshotName(clone, "b"), Cancel)).Guid);
    }

    [Fact]
    public async Task A_filesystem_is_renamed_with_its_snapshots()
    {
        var name = await PrepareAsync("a");
        await Zfs.RenameAsync(name, $"{name}.old", Cancel);
        Assert.False(await Zfs.ExistsAsync(name, Cancel));
        Assert.True(await Zfs.ExistsAsync($"{name}.old@a", Cancel));
    }

    [Theory]
    [InlineData("-r")]
    [InlineData("a b\n")]
    [InlineData("")]
    public async Task A_tag_that_is_none_is_refused_before_anything_is_started(string tag) =>
        await Assert.ThrowsAsync<ArgumentException>(() => new ZfsHost(new ZfsHostOptions(Program: "no-such-zfs")).HoldAsync(new SnapshotName("tank", "a"), tag, Cancel));

    private async Task<string> PrepareAsync(params string[] snapshots)
    {
        await CreateAsync("kept");
        var name = Name("kept");
        foreach (var snapshot in snapshots)
            await Zfs.SnapshotAsync(new SnapshotName(name, snapshot), Cancel);
        return name;
    }
}
