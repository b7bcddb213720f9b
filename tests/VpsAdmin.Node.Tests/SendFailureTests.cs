using System.Security.Cryptography;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>Transfers that are stopped, killed or cut short.</summary>
public sealed class SendFailureTests(LabFixture lab) : IAsyncLifetime
{
    private const string Branch = "101/tree.0/branch-a.0";

    private readonly string _programs = Directory.CreateTempSubdirectory("zfs-").FullName;
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => $"{_node.Filesystem}-backup/{Branch}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        Directory.Delete(_programs, recursive: true);
    }

    [Fact]
    public async Task BUG_2_a_stream_that_is_cut_short_commits_no_snapshot_though_its_status_is_success()
    {
        await StartAsync(1 << 20, """zfs "$@" 2>/dev/null | head -c 700000""");
        var send = Send();
        Assert.NotNull((await _node.RunAsync(send, Cancel)).Error);
        await UndoneAsync(send);
    }

    [Fact]
    public async Task BUG_2_a_whole_stream_of_a_sender_that_failed_is_not_committed()
    {
        await StartAsync(1 << 20, """zfs "$@"; exit 7""");
        var send = Send();
        Assert.Contains("status 7", (await _node.RunAsync(send, Cancel)).Error, StringComparison.Ordinal);
        await UndoneAsync(send);
    }

    [Fact]
    public async Task A_killed_sender_is_a_failure_and_undoing_leaves_nothing()
    {
        await StartAsync(1 << 20, """zfs "$@" 2>/dev/null | head -c 700000; kill -9 $$""");
        var send = Send();
        Assert.Contains("signal 9", (await _node.RunAsync(send, Cancel)).Error, StringComparison.Ordinal);
        await UndoneAsync(send);
    }

    [Fact]
    public async Task Stopping_midway_leaves_no_process_and_the_next_worker_does_it_all()
    {
        await StartAsync(64 << 20);
        var finished = await _node.SendAsync(Send(), Cancel);
        await Until.TrueAsync(() => Children("receive").Count > 0 || finished.IsCompleted, Cancel);

        await _node.StopAsync();
        Assert.Empty(Children("send"));
        Assert.Empty(Children("receive"));
        _node.Start();

        Assert.Null((await finished.WaitAsync(Cancel)).Error);
        Assert.Equal(["a", "b"], (await lab.Zfs.ListSnapshotsAsync(Target, depth: 0, Cancel)).Select(static s => s.Name.Name));
    }

    private async Task StartAsync(int bytes, string? send = null)
    {
        var program = "zfs";
        if (send is not null)
        {
            program = Path.Combine(_programs, "zfs");
            await File.WriteAllTextAsync(program, $$"""
                #!/bin/sh
                case "$1 $2" in
                    'send '*) {{send}} ;;
                    *) exec zfs "$@" ;;
                esac

                """, Cancel);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        _node = await lab.StartNodeAsync(Cancel, new ZfsHost(new ZfsHostOptions(Program: program)));
        await _node.Zfs.CreateFilesystemAsync(_node.Filesystem + "-backup", properties: null, Cancel);
        var folder = await _node.CreateDatasetAsync("101", Cancel);
        await File.WriteAllBytesAsync(Path.Combine(folder, "data"), RandomNumberGenerator.GetBytes(bytes), Cancel);
        await _node.SnapshotAsync("101", "a", Cancel);
        await _node.SnapshotAsync("101", "b", Cancel);
    }

    private TransactionMessage Send() => _node.Message(
        TransactionType.LocalSend, new LocalSendInput(_node.Filesystem, "101", _node.Filesystem + "-backup", Branch, FromSnapshot: null, ["a", "b"]));

    private async Task UndoneAsync(TransactionMessage send)
    {
        Assert.Null((await _node.RunAsync(send with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }

    /// <summary>Ids of this test's children that run a command of zfs.</summary>
    private List<int> Children(string command)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                if (line.Contains(command) && Array.Exists(line, argument => argument.StartsWith(_node.Filesystem, StringComparison.Ordinal)))
                    found.Add(int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return found;
    }
}
