using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests;

public sealed class ZfsExceptionTests
{
    [Theory]
    // zfs-fuse 0.7.0
    [InlineData("connect: No such file or directory\nPlease make sure that the zfs-fuse daemon is running.\ninternal error: failed to initialize ZFS library", ZfsFailure.Unavailable)]
    [InlineData("cannot open 'tank/a': dataset does not exist", ZfsFailure.NotFound)]
    [InlineData("cannot create 'tank/q/w': parent does not exist", ZfsFailure.NotFound)]
    [InlineData("cannot create 'tank/a': dataset already exists", ZfsFailure.AlreadyExists)]
    [InlineData("cannot create snapshot 'tank/a@s1': dataset already exists", ZfsFailure.AlreadyExists)]
    [InlineData("cannot destroy 'tank/a': dataset is busy", ZfsFailure.Busy)]
    [InlineData("cannot destroy 'tank/a@s1': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\ntank/c", ZfsFailure.InUse)]
    [InlineData("cannot destroy 'tank/a': filesystem has children\nuse '-r' to destroy the following datasets:\ntank/a@s1", ZfsFailure.InUse)]
    [InlineData("cannot receive: failed to read from stream", ZfsFailure.BadStream)]
    [InlineData("cannot receive new filesystem stream: invalid stream (checksum mismatch)", ZfsFailure.BadStream)]
    [InlineData("cannot receive new filesystem stream: destination 'tank/r' exists\nmust specify -F to overwrite it", ZfsFailure.AlreadyExists)]
    [InlineData("cannot receive new filesystem stream: destination has snapshots (eg. tank/r@s1)\nmust destroy them to overwrite it", ZfsFailure.AlreadyExists)]
    [InlineData("WARNING: could not send tank/a@s1:\nincremental source (tank/a@s3) does not exist", ZfsFailure.NotFound)]
    [InlineData("cannot set property for 'tank/a': invalid property 'foo'", ZfsFailure.Other)]
    // OpenZFS 0.6 to 2.3
    [InlineData("The ZFS modules are not loaded.\nTry running '/sbin/modprobe zfs' as root to load them.", ZfsFailure.Unavailable)]
    [InlineData("The ZFS modules cannot be auto-loaded.\nTry running 'modprobe zfs' as root to manually load them.", ZfsFailure.Unavailable)]
    [InlineData("/dev/zfs and /proc/self/mounts are required.\nTry running 'udevadm trigger' and 'mount -t proc proc /proc' as root.", ZfsFailure.Unavailable)]
    [InlineData("Permission denied the ZFS utilities must be run as root.", ZfsFailure.PermissionDenied)]
    [InlineData("Unable to open /dev/zfs: Permission denied.", ZfsFailure.PermissionDenied)]
    [InlineData("cannot create 'tank/a': permission denied", ZfsFailure.PermissionDenied)]
    [InlineData("cannot destroy snapshot tank/a@s: it's being held. Run 'zfs holds -r tank/a@s' to see holders.", ZfsFailure.InUse)]
    [InlineData("cannot rollback to 'tank/a@s': clones of previous snapshots exist\nuse '-R' to force deletion of the following clones and dependents:\ntank/c", ZfsFailure.InUse)]
    [InlineData("cannot unmount '/tank/a': pool or dataset is busy", ZfsFailure.Busy)]
    [InlineData("cannot receive incremental stream: destination tank/r has been modified\nsince most recent snapshot", ZfsFailure.BadStream)]
    [InlineData("cannot receive incremental stream: most recent snapshot of tank/r does not\nmatch incremental source", ZfsFailure.BadStream)]
    [InlineData("cannot receive incremental stream: destination 'tank/none' does not exist", ZfsFailure.NotFound)]
    [InlineData("cannot receive resume stream: checksum mismatch or incomplete stream.\nPartially received snapshot is saved.", ZfsFailure.BadStream)]
    [InlineData("cannot receive new filesystem stream: out of space", ZfsFailure.OutOfSpace)]
    [InlineData("cannot create snapshot 'tank/a@s': dataset quota exceeded", ZfsFailure.OutOfSpace)]
    [InlineData("internal error: warning: cannot send 'tank/a@s': Broken pipe", ZfsFailure.Other)]
    // sudo
    [InlineData("sudo: a password is required", ZfsFailure.PermissionDenied)]
    [InlineData("Sorry, user backup is not allowed to execute '/usr/sbin/zfs list' as root on host.", ZfsFailure.PermissionDenied)]
    [InlineData("sudo: zfs: command not found", ZfsFailure.Unavailable)]
    public void The_words_of_zfs_tell_why_it_failed(string words, ZfsFailure failure) =>
        Assert.Equal(failure, ZfsException.From(["zfs", "x"], new ProcessResult(1, words)).Failure);

    [Fact]
    public void The_message_says_what_was_run_how_it_ended_and_what_zfs_said()
    {
        var error = ZfsException.From(["zfs", "create", "tank/a"], new ProcessResult(1, "cannot create 'tank/a': permission denied"));
        Assert.StartsWith("'zfs create tank/a' failed with status 1: cannot create 'tank/a': permission denied. Run as root", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.ExitCode);
    }

    [Fact]
    public void A_killed_command_has_no_exit_code()
    {
        var error = ZfsException.From(["zfs", "receive", "tank/a"], new ProcessResult(137, ""));
        Assert.Null(error.ExitCode);
        Assert.Equal("'zfs receive tank/a' was ended by signal 9.", error.Message);
    }

    [Fact]
    public async Task A_missing_program_is_reported_with_what_to_do()
    {
        var zfs = new ZfsHost(new ZfsHostOptions(Program: "no-such-zfs"));
        var error = await Assert.ThrowsAsync<ZfsException>(() => zfs.ExistsAsync("tank", TestContext.Current.CancellationToken));
        Assert.Equal(ZfsFailure.Unavailable, error.Failure);
        Assert.Null(error.ExitCode);
        Assert.Contains("no-such-zfs", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install OpenZFS", error.Message, StringComparison.Ordinal);
    }
}
