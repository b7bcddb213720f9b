using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Transfer.Tests.Sinks;

/// <summary>A decoded stream into a program of the user's.</summary>
public sealed class CommandTargetTests : TransferTest
{
    private readonly List<string> _said = [];

    private string Output => Path.Combine(Folder, "out");

    [Fact]
    public async Task BUG_20_the_program_gets_the_stream_and_its_arguments_as_they_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        var stream = StreamBytes.Simple(3_000_000);
        Server.Content = StreamBytes.Gzip(stream);
        var hostile = "$(touch pwned) ; 'a b' \"*\"";
        var exit = await SendAsync("sh", "-c", "cat >out; printf '%s\\n' \"$1\" \"$2\"", "sh", hostile, "");
        Assert.Equal(0, exit);
        Assert.Equal(stream, await File.ReadAllBytesAsync(Output, Cancel));
        Assert.Equal([hostile, ""], _said);
        Assert.Equal([Output], Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("head -c 10 >/dev/null", 0)]
    [InlineData("echo no room >&2; exit 3", 3)]
    public async Task A_program_that_ends_early_stops_the_transfer_with_its_exit_code(string script, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(20_000_000));
        var (target, error) = await FailSendingAsync(script);
        Assert.Equal(code, target.ExitCode);
        Assert.Contains($"ended with exit code {code} before the end of the stream", error.Message, StringComparison.Ordinal);
        if (code == 3)
            Assert.Contains("no room", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_reads_all_and_then_fails_is_a_failure()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(100_000));
        var (target, error) = await FailSendingAsync("cat >/dev/null; echo disk full >&2; exit 7");
        Assert.Equal(7, target.ExitCode);
        Assert.Contains("exit code 7: disk full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BUG_19_a_program_is_killed_before_it_sees_the_end_of_a_stream_whose_checksum_is_wrong()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000));
        Export.Finally = () => Export.Ready() with { Sha256 = new string('0', 64) };
        await using var target = Program("cat >out; mv out done");
        await using var sink = new DecodedSink(target);
        await FailAsync(() => RunAsync(sink), TransferFailure.ChecksumMismatch);
        Assert.Equal(137, target.ExitCode);
        Assert.False(File.Exists(Path.Combine(Folder, "done")));
    }

    [Fact]
    public async Task Stopping_ends_a_program_that_reads_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh.");
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(20_000_000));
        using var stop = new CancellationTokenSource();
        await using var target = Program("echo here; exec sleep 1000", onWord: stop.Cancel);
        await using var sink = new DecodedSink(target);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(sink, cancel: stop.Token));
        Assert.Equal(137, target.ExitCode);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000));
        await using var sink = new DecodedSink(new CommandTarget(new ProcessSpec("no-such-program", []), _said.Add));
        var error = await FailAsync(() => RunAsync(sink), TransferFailure.SinkFailed);
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
    }

    private CommandTarget Program(string script, Action? onWord = null) =>
        new(new ProcessSpec("sh", ["-c", script], Folder: Folder), _ => onWord?.Invoke());

    private async Task<int?> SendAsync(string program, params string[] arguments)
    {
        await using var target = new CommandTarget(new ProcessSpec(program, arguments, Folder: Folder), _said.Add);
        await using var sink = new DecodedSink(target);
        await RunAsync(sink);
        return target.ExitCode;
    }

    private async Task<(CommandTarget Target, TransferException Error)> FailSendingAsync(string script)
    {
        await using var target = Program(script);
        await using var sink = new DecodedSink(target);
        return (target, await FailAsync(() => RunAsync(sink), TransferFailure.SinkFailed));
    }
}
