using VpsAdmin.Lab;
using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Transfer.Tests.Receive;

/// <summary>A server that would bring filesystems and properties along, which a receive would make and set: a file for <c>/etc/cron.d</c> among them.</summary>
public sealed class MoreThanSnapshotsTests(LabFixture lab) : ReceiveTest(lab)
{
    private string Child => From + "/child";

    [Theory]
    [InlineData("-R")]
    [InlineData("-p")]
    public async Task Filesystems_and_properties_are_refused_before_zfs_sees_any_of_them(string option)
    {
        await Zfs.CreateFilesystemAsync(Child, null, Cancel);
        await RunZfsAsync("set", $"mountpoint={Pool.Mountpoint}/elsewhere", From);
        await RunZfsAsync("snapshot", "-r", $"{From}@a");
        Server.Content = StreamBytes.Gzip(await SendWithAsync(option, $"{From}@a"));
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.BadStream);
        Assert.Contains("a list of filesystems and properties", error.Message, StringComparison.Ordinal);
        Assert.Contains("It was not received", error.Message, StringComparison.Ordinal);
        Assert.False(await Zfs.ExistsAsync(To, Cancel));
    }

    [Fact]
    public async Task A_filesystem_that_only_its_own_stream_names_is_refused_and_what_came_before_it_is_taken_back()
    {
        await Zfs.CreateFilesystemAsync(Child, null, Cancel);
        await SnapshotAsync("a");
        await SnapshotAsync("b");
        await RunZfsAsync("snapshot", $"{Child}@b");
        await GivenAsync("a");
        var before = await SnapshotsAsync(To);
        // As one of several would be, but for the header, which says nothing of it.
        var b = await SendWithAsync("-i", $"{From}@a", $"{From}@b");
        var child = await SendWithAsync($"{Child}@b");
        var empty = new StreamBytes(old: true).Begin($"{From}@b", 0, headerType: 2, features: 0).End(0);
        byte[] stream = [.. empty.ToArray(), .. b, .. child, .. new StreamBytes(old: true).Conclusion().ToArray()];
        Walk(stream);
        Server.Content = StreamBytes.Gzip(stream);
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.BadStream);
        Assert.Contains($"'{Child}@b', which is not a snapshot of '{From}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await SnapshotsAsync(To));
        Assert.Single(await Zfs.ListFilesystemsAsync(To, null, Cancel));
    }

    /// <summary>It is a stream: that is not why it is refused.</summary>
    private static void Walk(byte[] bytes)
    {
        var stream = new ReplayStream();
        stream.Read(bytes);
        stream.Finish();
    }
}
