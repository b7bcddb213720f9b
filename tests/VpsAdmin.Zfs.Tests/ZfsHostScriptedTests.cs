using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

/// <summary>What only another ZFS than the lab's does, or does on demand.</summary>
public sealed class ZfsHostScriptedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Usage(string text) => $"if [ \"$1\" = '-?' ]; then cat <<'USAGE'\n{text}USAGE\nexit; fi\n";

    [Fact]
    public async Task On_OpenZFS_a_receive_is_resumable_and_unmounted_when_asked()
    {
        using var script = await ScriptedZfs.CreateAsync(Usage(UsageTexts.OpenZfs23) + "echo \"$@\" >>\"$log\"");
        var zfs = script.Host();
        foreach (var options in new[] { new ReceiveOptions(), new(Unmounted: false), new(Resumable: true, Force: true) })
        {
            await using var receive = await zfs.StartReceiveAsync("tank/r", options, Cancel);
            await receive.Completion;
        }
        Assert.Equal(["receive -u tank/r", "receive tank/r", "receive -u -s -F tank/r"], script.Log());
    }

    [Fact]
    public async Task Options_that_the_host_does_not_have_are_left_out()
    {
        using var script = await ScriptedZfs.CreateAsync(Usage(UsageTexts.ZfsFuse07) + "echo \"$@\" >>\"$log\"; echo \"invalid option 'u'\" >&2; exit 2");
        await using var receive = await script.Host().StartReceiveAsync("tank/r", new ReceiveOptions(Resumable: true), Cancel);
        await receive.Completion;
        Assert.Equal(["receive -u", "receive tank/r"], script.Log());
    }

    [Fact]
    public async Task Capabilities_are_detected_once()
    {
        using var script = await ScriptedZfs.CreateAsync("echo \"$@\" >>\"$log\"\n" + Usage(UsageTexts.OpenZfs21));
        var first = await script.Host().GetCapabilitiesAsync(Cancel);
        Assert.Same(first, await script.Host().GetCapabilitiesAsync(Cancel));
        Assert.Equal(["-?"], script.Log());
    }

    [Fact]
    public async Task The_size_of_a_stream_is_asked_for_where_zfs_knows_it()
    {
        using var script = await ScriptedZfs.CreateAsync(Usage(UsageTexts.OpenZfs21) + "echo \"$@\" >>\"$log\"; printf 'incremental\\ta\\ttank@b\\t10\\nsize\\t4711\\n'");
        Assert.Equal(4711, await script.Host().EstimateSendAsync(new("tank", "b"), "a", Cancel));
        Assert.Equal(["send -nP -I tank@a tank@b"], script.Log());
    }

    [Fact]
    public async Task A_busy_dataset_is_tried_again()
    {
        using var script = await ScriptedZfs.CreateAsync("echo \"$@\" >>\"$log\"; [ $(wc -l <\"$log\") -ge 3 ] || { echo \"cannot destroy 'tank/a': dataset is busy\" >&2; exit 1; }");
        await script.Host(new HastyTime()).DestroyAsync("tank/a", Cancel);
        Assert.Equal(3, script.Log().Length);
    }

    [Fact]
    public async Task A_dataset_that_stays_busy_is_given_up_after_some_seconds()
    {
        using var script = await ScriptedZfs.CreateAsync("echo \"cannot destroy 'tank/a': dataset is busy\" >&2; exit 1");
        var time = new HastyTime();
        var error = await Assert.ThrowsAsync<ZfsException>(() => script.Host(time).DestroyAsync("tank/a", Cancel));
        Assert.Equal(ZfsFailure.Busy, error.Failure);
        Assert.InRange(time.Waited, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Other_errors_are_not_tried_again()
    {
        using var script = await ScriptedZfs.CreateAsync("echo \"$@\" >>\"$log\"; echo 'permission denied' >&2; exit 1");
        var error = await Assert.ThrowsAsync<ZfsException>(() => script.Host().DestroyAsync("tank/a", Cancel));
        Assert.Equal(ZfsFailure.PermissionDenied, error.Failure);
        Assert.Single(script.Log());
    }

    [Fact]
    public async Task Cancelling_leaves_no_child()
    {
        using var script = await ScriptedZfs.CreateAsync("echo $$ >\"$log.new\"; mv \"$log.new\" \"$log\"; exec sleep 1000");
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(script.Program)!, "log");
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Renamed += (_, _) => written.TrySetResult();
        watcher.EnableRaisingEvents = true;

        var listing = script.Host().ListSnapshotsAsync("tank", null, source.Token);
        await written.Task.WaitAsync(Cancel);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
        Assert.False(Directory.Exists($"/proc/{script.Log()[0]}"));
    }

    [Fact]
    public async Task Output_that_is_not_understood_is_an_error_with_the_command_in_it()
    {
        using var script = await ScriptedZfs.CreateAsync("echo nonsense");
        var error = await Assert.ThrowsAsync<ZfsException>(() => script.Host().ListSnapshotsAsync("tank", 0, Cancel));
        Assert.Equal(ZfsFailure.Other, error.Failure);
        Assert.Contains("-d 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sudo_is_put_in_front_only_when_asked_for_and_not_root(bool asked)
    {
        string[] expected = asked && !Environment.IsPrivilegedProcess ? ["sudo", "-n", "zfs", "list"] : ["zfs", "list"];
        Assert.Equal(expected, new ZfsCommand(new ZfsHostOptions(Sudo: asked)).Line(["list"]));
    }
}
