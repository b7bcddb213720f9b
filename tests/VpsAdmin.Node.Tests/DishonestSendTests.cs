using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>A <c>zfs send</c> whose exit status is 0 whatever happened, like the last stage of a pipeline without pipefail (BUG-2).</summary>
public sealed class DishonestSendTests(LabFixture lab) : IAsyncDisposable
{
    private readonly DownloadBench _bench = new(lab);
    private readonly string _folder = Directory.CreateTempSubdirectory("zfs-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_stream_cut_short_is_a_failure_though_its_status_is_success()
    {
        await StartAsync("""zfs "$@" 2>/dev/null | head -c 100000""");

        var error = await _bench.FailAsync(_bench.Export("s", "stream"), Cancel);

        Assert.Contains("the end record of the snapshot is missing", error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
    }

    [Fact]
    public async Task A_base_that_is_missing_is_a_failure_though_the_status_is_success()
    {
        await StartAsync("""zfs "$@" 2>/dev/null""");

        var error = await _bench.FailAsync(_bench.Export("s", "incremental_stream", from: "gone"), Cancel);

        Assert.Contains("its stream is not complete", error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
    }

    [Fact]
    public async Task A_warning_is_a_failure_though_the_stream_looks_whole()
    {
        await StartAsync("""zfs "$@"; echo 'WARNING: could not send something' >&2""");

        var error = await _bench.FailAsync(_bench.Export("s", "stream"), Cancel);

        Assert.Contains("WARNING: could not send something", error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
    }

    [Fact]
    public async Task Grumbling_of_sudo_is_no_failure()
    {
        await StartAsync("""echo 'sudo: unable to resolve host node1' >&2; zfs "$@" """);

        await _bench.SucceedAsync(_bench.Export("s", "stream"), Cancel);
    }

    private async Task StartAsync(string send)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /bin/sh.");
        var program = Path.Combine(_folder, "zfs");
        await File.WriteAllTextAsync(program, $$"""
            #!/bin/sh
            case "$1 $2" in
                'send -nP') exec zfs "$@" ;;
                'send '*) {{send}}; exit 0 ;;
                *) exec zfs "$@" ;;
            esac

            """, Cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await _bench.StartAsync(Cancel, new ZfsHost(new ZfsHostOptions(Program: program)));
        await _bench.FillAsync("data", bytes: 1 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
    }
}
