using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests.OpenZfs;

/// <summary>Datasets, properties and snapshots on OpenZFS 2.1: what it prints, and what it says when it refuses.</summary>
[Collection(OnOpenZfs.Name)]
public sealed class OpenZfsTests(OpenZfsFixture fixture) : OpenZfsTest(fixture)
{
    [Fact]
    public async Task OpenZFS_has_every_capability() =>
        Assert.Equal(
            new ZfsCapabilities(SendSizeEstimate: true, ReceiveResumable: true, ReceiveUnmounted: true, Bookmarks: true, ListParsable: true, SeveralSnapshotsAtOnce: true),
            await Zfs.GetCapabilitiesAsync(Cancel));

    [Fact]
    public async Task A_filesystem_is_read_as_it_is()
    {
        await Zfs.CreateFilesystemAsync(Tank("a"), new Dictionary<string, string> { ["readonly"] = "on", ["x.y:note"] = "with spaces, 'quotes' and = signs" }, Cancel);
        var found = await Zfs.GetFilesystemAsync(Tank("a"), Cancel);
        Assert.Equal((Tank("a"), $"/{Tank("a")}", true, true), (found.Name, found.Mountpoint, found.IsMounted, found.IsReadOnly));
        Assert.InRange(found.Available, 1L << 30, 4L << 30);
        Assert.Equal(await GetAsync(Tank("a"), "referenced"), $"{found.Referenced}");
        Assert.Equal("with spaces, 'quotes' and = signs", await Zfs.GetLocalPropertyAsync(Tank("a"), "x.y:note", Cancel));

        await Zfs.CreateFilesystemAsync(Tank("a b"), new Dictionary<string, string> { ["mountpoint"] = "legacy" }, Cancel);
        Assert.Null((await Zfs.GetFilesystemAsync(Tank("a b"), Cancel)).Mountpoint);
    }

    [Fact]
    public async Task Only_filesystems_and_their_snapshots_are_listed()
    {
        foreach (var path in (string[])["a", "a/b", "a-b"])
            await CreateAsync(Tank(path));
        await RunZfsAsync("create", "-s", "-V", "8M", Tank("a/volume"));
        foreach (var name in (string[])["z", "m", "a"])
            await Zfs.SnapshotAsync(new(Tank("a"), name), Cancel);
        await Zfs.SnapshotAsync(new(Tank("a/b"), "s"), Cancel);
        await Zfs.SnapshotAsync(new(Tank("a/volume"), "s"), Cancel);
        await RunZfsAsync("bookmark", Tank("a@m"), Tank("a#mark"));

        Assert.Equal([Tank("a"), Tank("a/b")], (await Zfs.ListFilesystemsAsync(Tank("a"), null, Cancel)).Select(static d => d.Name));
        var own = await Zfs.ListSnapshotsAsync(Tank("a"), 0, Cancel);
        Assert.Equal(["z", "m", "a"], own.Select(static s => s.Name.Name));
        Assert.Equal(await GetAsync(Tank("a@m"), "guid"), $"{own[1].Guid}");
        Assert.Equal(await GetAsync(Tank("a@m"), "creation"), $"{own[1].Creation.ToUnixTimeSeconds()}");
        Assert.Equal([.. own.Select(static s => s.Name), new(Tank("a/b"), "s")], (await Zfs.ListSnapshotsAsync(Tank("a"), null, Cancel)).Select(static s => s.Name));
    }

    [Fact]
    public async Task A_property_is_local_only_where_it_was_set()
    {
        const string Property = "cz.vpsfree.vpsadmin:dataset_id";
        await CreateAsync(Tank("a"));
        await CreateAsync(Tank("a/b"));
        await Zfs.SetPropertyAsync(Tank("a"), Property, "42", Cancel);
        await Zfs.SnapshotAsync(new(Tank("a"), "inherits"), Cancel);
        await Zfs.SnapshotAsync(new(Tank("a"), "marked"), new Dictionary<string, string> { [Property] = "43" }, Cancel);

        Assert.Equal("42", await Zfs.GetLocalPropertyAsync(Tank("a"), Property, Cancel));
        Assert.Null(await Zfs.GetLocalPropertyAsync(Tank("a/b"), Property, Cancel));
        Assert.Null(await Zfs.FindSnapshotAsync(Tank("a"), Property, "42", Cancel));
        Assert.Equal(new SnapshotName(Tank("a"), "marked"), await Zfs.FindSnapshotAsync(Tank("a"), Property, "43", Cancel));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await CreateAsync(Tank("a"));
        foreach (var missing in (SnapshotName[])[new(Tank("none"), "s"), new("no-such-pool/a", "s")])
        {
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.GetFilesystemAsync(missing.Dataset, Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.ListFilesystemsAsync(missing.Dataset, null, Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.GetSnapshotAsync(missing, Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.SnapshotAsync(missing, Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.DestroyAsync(missing.Dataset, Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.DestroyAsync(missing.ToString(), Cancel));
            await FailsAsync(ZfsFailure.NotFound, () => Zfs.RollbackAsync(missing, Cancel));
            Assert.False(await Zfs.ExistsAsync(missing.Dataset, Cancel));
        }
        await FailsAsync(ZfsFailure.NotFound, () => Zfs.DestroyAsync(Tank("a@none"), Cancel));
        await FailsAsync(ZfsFailure.NotFound, () => Zfs.CreateFilesystemAsync(Tank("none/child"), null, Cancel));
    }

    [Fact]
    public async Task What_exists_is_not_created_again()
    {
        await CreateAsync(Tank("a"));
        await Zfs.SnapshotAsync(new(Tank("a"), "s"), Cancel);
        await FailsAsync(ZfsFailure.AlreadyExists, () => CreateAsync(Tank("a")));
        await FailsAsync(ZfsFailure.AlreadyExists, () => Zfs.SnapshotAsync(new(Tank("a"), "s"), Cancel));
        await FailsAsync(ZfsFailure.AlreadyExists, () => Zfs.CloneAsync(new(Tank("a"), "s"), Tank("a"), null, Cancel));
    }

    [Fact]
    public async Task A_filesystem_that_somebody_uses_is_busy()
    {
        await CreateAsync(Tank("a"));
        await using (var user = Guest.Start(["sh", "-c", "cd \"$1\" && echo in && cat", "sh", $"/{Tank("a")}"], input: true))
        {
            using var said = new StreamReader(user.StandardOutput);
            Assert.Equal("in", await said.ReadLineAsync(Cancel));
            var hasty = new ZfsHost(Guest.Options, new HastyTime());
            await FailsAsync(ZfsFailure.Busy, () => hasty.DestroyAsync(Tank("a"), Cancel));
        }
        await Zfs.DestroyAsync(Tank("a"), Cancel);
    }

    [Fact]
    public async Task What_something_else_needs_is_in_use()
    {
        await CreateAsync(Tank("a"));
        foreach (var name in (string[])["base", "held", "newest"])
            await Zfs.SnapshotAsync(new(Tank("a"), name), Cancel);
        await RunZfsAsync("hold", "keep", Tank("a@held"));
        Assert.Equal(1, (await Zfs.GetSnapshotAsync(new(Tank("a"), "held"), Cancel)).Holds);

        // OpenZFS calls a held snapshot busy; trying that again for seconds would not help.
        Assert.Contains("is held", (await FailsAsync(ZfsFailure.InUse, () => Zfs.DestroyAsync(Tank("a@held"), Cancel))).Message, StringComparison.Ordinal);
        await FailsAsync(ZfsFailure.InUse, () => Zfs.DestroyRecursivelyAsync(Tank("a"), Cancel));
        await FailsAsync(ZfsFailure.InUse, () => Zfs.DestroyAsync(Tank("a"), Cancel));
        await FailsAsync(ZfsFailure.InUse, () => Zfs.RollbackAsync(new(Tank("a"), "base"), Cancel));
        Assert.Equal(["base", "held", "newest"], (await Zfs.ListSnapshotsAsync(Tank("a"), 0, Cancel)).Select(static s => s.Name.Name));

        await RunZfsAsync("release", "keep", Tank("a@held"));
        await Zfs.CloneAsync(new(Tank("a"), "held"), Tank("clone"), null, Cancel);
        await FailsAsync(ZfsFailure.InUse, () => Zfs.DestroyAsync(Tank("a@held"), Cancel));
        await FailsAsync(ZfsFailure.InUse, () => Zfs.RollbackAsync(new(Tank("a"), "base"), Cancel));
        await Zfs.DestroyAsync(Tank("clone"), Cancel);
        await Zfs.RollbackAsync(new(Tank("a"), "base"), Cancel);
        await Zfs.DestroyRecursivelyAsync(Tank("a"), Cancel);
    }

    [Fact]
    public async Task A_value_that_a_property_cannot_have_is_refused_with_the_words_of_zfs()
    {
        await CreateAsync(Tank("a"));
        Assert.Contains("must be one of", (await FailsAsync(ZfsFailure.Other, () => Zfs.SetPropertyAsync(Tank("a"), "compression", "much", Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("invalid property", (await FailsAsync(ZfsFailure.Other, () => Zfs.SetPropertyAsync(Tank("a"), "nonsense", "1", Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_rights_is_denied()
    {
        await CreateAsync(Tank("a"));
        string[] asNobody = ["setpriv", "--reuid=65534", "--clear-groups", "zfs"];
        await FailsAsync(ZfsFailure.PermissionDenied, () => Guest.RunAsync([.. asNobody, "snapshot", Tank("a@s")], Cancel));
        await FailsAsync(ZfsFailure.PermissionDenied, () => Guest.RunAsync([.. asNobody, "create", Tank("a/b")], Cancel));
    }
}
