using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

public sealed class SendTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_stream_goes_through_a_native_pipe_into_zfs_and_every_byte_arrives()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 3 * MiB);
        var first = vps.Snapshot();
        vps.Write("more", MiB);
        var second = vps.Snapshot();
        var target = $"{lab.TargetPool}/sent-{vps.Id}";

        var full = session.Run("param($Id, $Target) Send-VpsSnapshot $Id | zfs receive $Target; $LASTEXITCODE", ("Id", first.Get<long>("Id")), ("Target", target));
        Assert.Empty(full.Errors.Select(e => e.ToString()));
        Assert.Equal(0, full.Single.BaseObject);
        var increment = session.Run("param($Snapshot, $From, $Target) $Snapshot | Send-VpsSnapshot -FromSnapshot $From | zfs receive -F $Target; $LASTEXITCODE",
            ("Snapshot", second), ("From", first), ("Target", target));
        Assert.Empty(increment.Errors.Select(e => e.ToString()));

        Assert.Equal([$"@{first.Get<string>("Name")}", $"@{second.Get<string>("Name")}"], Zfs.Snapshots(target));
        Assert.Equal(Content(vps.Filesystem), Content(target));
        Assert.Empty(await lab.DownloadsOfAsync(second.Get<long>("Id")));
    }

    [Fact]
    public async Task A_stream_for_a_terminal_is_refused_with_the_ways_out_named()
    {
        using var session = await lab.ConnectAsync();
        var error = session.Terminating("Send-VpsSnapshot 1");
        Assert.Equal("BytesToTerminal", error.Id());
        Assert.All((string[])["Save-VpsSnapshot", "-OutFile", "-ToStdout", "-Command"], way => Assert.Contains(way, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_consumer_that_ends_early_stops_the_transfer_and_nothing_is_left_on_the_server()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 8 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        var result = session.Run("param($Id) Send-VpsSnapshot $Id | head -c 10", ("Id", id));
        Assert.Contains(result.Errors, e => e.Id() == "DownstreamClosed");
        await lab.WaitForDownloadsAsync(id, 0);
    }

    [Fact]
    public async Task A_consumer_that_wants_only_the_beginning_gets_it()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 4 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        var result = session.Run("param($Id) Send-VpsSnapshot $Id | & { process { if (-not $taken) { $taken = $true; $_.Length }; break } }", ("Id", id));
        Assert.InRange(Assert.IsType<int>(result.Single.BaseObject), 1, 80_000);
    }

    [Fact]
    public async Task A_stream_in_a_file_is_what_zfs_would_have_sent()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", MiB);
        var snapshot = vps.Snapshot();
        var file = _folder.File("stream");
        var result = session.Run("param($Snapshot, $File) $Snapshot | Send-VpsSnapshot -OutFile $File", ("Snapshot", snapshot), ("File", file));
        Assert.Equal(file, result.Single.Get<string>("FullName"));
        Assert.Equal([file], Directory.GetFiles(_folder.Path));
        var target = $"{lab.TargetPool}/file-{vps.Id}";
        session.Run("param($File, $Target) dd if=$File status=none | zfs receive $Target", ("File", file), ("Target", target));
        Assert.Equal(Content(vps.Filesystem), Content(target));
        Assert.Equal("TargetExists", session.Terminating("Send-VpsSnapshot 1 -OutFile $File", ("File", file)).Id());
        Assert.Equal("NotAFile", session.Terminating("Send-VpsSnapshot 1 -OutFile $File", ("File", _folder.Path)).Id());
        var pipe = _folder.File("pipe");
        session.Run("param($File) mkfifo $File", ("File", pipe));
        // Before the server is asked, which has no such snapshot.
        Assert.Equal("TargetConflict", session.Terminating("Send-VpsSnapshot 987654321 -OutFile $File -Force", ("File", pipe)).Id());
    }

    [Fact]
    public async Task Stopping_ends_the_reader_and_leaves_no_download()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 8 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        // Not zfs receive: the engine kills its native commands, and zfs-fuse does not get over a receive that is killed.
        var target = _folder.File("stream");
        using var shell = session.Prepare("param($Id, $Target) Send-VpsSnapshot $Id -MaxRate 1MB | dd of=$Target status=none", ("Id", id), ("Target", target));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => Zfs.ProcessesNaming(target).Count > 0 && shell.Streams.Progress.Any(p => p.PercentComplete > 20), TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.True(running.IsCompleted);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        await Eventually.Async(() => Zfs.ProcessesNaming(target).Count == 0, TestContext.Current.CancellationToken);
        await lab.WaitForDownloadsAsync(id, 0);
    }

    [Fact]
    public async Task Stopping_while_the_server_makes_the_file_leaves_no_download()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 64 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        var target = _folder.File("stream");
        using var shell = session.Prepare("param($Id, $File) Send-VpsSnapshot $Id -OutFile $File -MaxRate 1MB -Verbose", ("Id", id), ("File", target));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => shell.Streams.Verbose.Any(static v => v.Message.Contains("makes download", StringComparison.Ordinal)) || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Warning);
        await lab.WaitForDownloadsAsync(id, 0);
    }

    [Fact]
    public async Task What_if_sends_nothing()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var id = vps.Snapshot().Get<long>("Id");
        Assert.Empty(session.Run("param($Id, $File) Send-VpsSnapshot $Id -OutFile $File -WhatIf", ("Id", id), ("File", _folder.File("stream"))).Output);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Empty(await lab.DownloadsOfAsync(id));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Names and bytes of the files in the root of a filesystem.</summary>
    private static Dictionary<string, string> Content(string filesystem)
    {
        var folder = Zfs.Run("get", "-H", "-o", "value", "mountpoint", filesystem).Trim();
        return Directory.GetFiles(folder).ToDictionary(f => Path.GetFileName(f)!, f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))));
    }
}
