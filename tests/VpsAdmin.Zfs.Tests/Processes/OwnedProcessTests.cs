using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests.Processes;

public sealed class OwnedProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public OwnedProcessTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at /proc and uses Linux programs.");

    private static ProcessSpec Shell(string script, bool input = false, bool output = false) => new("sh", ["-c", script], input, output);

    private static bool Runs(int pid) => Directory.Exists($"/proc/{pid}");

    [Fact]
    public async Task The_exit_status_and_the_words_are_observed()
    {
        await using var process = OwnedProcess.Start(Shell("echo oops >&2; exit 3"));
        Assert.Equal(new ProcessResult(3, "oops"), await process.Completion);
        Assert.Equal(["sh", "-c", "echo oops >&2; exit 3"], process.Command);
    }

    [Fact]
    public async Task Bytes_go_through_both_pipes_unchanged()
    {
        var sent = RandomNumberGenerator.GetBytes(5 << 20);
        await using var process = OwnedProcess.Start(new ProcessSpec("cat", [], RedirectInput: true, RedirectOutput: true));
        using var received = new MemoryStream();
        var reading = process.StandardOutput.CopyToAsync(received, Cancel);
        await process.StandardInput.WriteAsync(sent, Cancel);
        await process.StandardInput.DisposeAsync();
        await reading;
        Assert.Equal(0, (await process.Completion).ExitCode);
        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task A_flood_on_standard_error_blocks_nobody_and_its_end_is_kept()
    {
        await using var process = OwnedProcess.Start(Shell("head -c 10000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; echo done", output: true));
        using var reader = new StreamReader(process.StandardOutput);
        Assert.Equal("done", await reader.ReadLineAsync(Cancel));
        var words = (await process.Completion).StandardError;
        Assert.EndsWith("xthe end", words, StringComparison.Ordinal);
        Assert.InRange(words.Length, 8000, 8192);
    }

    [Fact]
    public async Task Without_redirection_input_is_empty_and_output_is_discarded()
    {
        await using var process = OwnedProcess.Start(Shell("cat; head -c 1000000 /dev/zero; exit 7"));
        Assert.Equal(7, (await process.Completion).ExitCode);
        Assert.Throws<InvalidOperationException>(() => process.StandardInput);
        Assert.Throws<InvalidOperationException>(() => process.StandardOutput);
    }

    [Fact]
    public async Task A_child_and_grandchild_that_ignore_signals_are_killed()
    {
        await using var process = OwnedProcess.Start(Shell("trap '' TERM INT HUP PIPE; sleep 1000 & echo $!; wait", output: true));
        using var reader = new StreamReader(process.StandardOutput);
        var grandchild = int.Parse((await reader.ReadLineAsync(Cancel))!, CultureInfo.InvariantCulture);
        await process.KillAsync();
        Assert.Equal(137, (await process.Completion).ExitCode);
        Assert.False(Runs(process.Id));
        // Its parent is gone, so whoever adopts it may take a moment to collect it: ended is what counts.
        Assert.False(Runs(grandchild) && !(await File.ReadAllTextAsync($"/proc/{grandchild}/stat", Cancel)).Contains(") Z ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disposing_leaves_no_process_and_no_zombie()
    {
        int id;
        await using (var process = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"], RedirectInput: true, RedirectOutput: true)))
        {
            id = process.Id;
            Assert.True(Runs(id));
        }
        Assert.False(Runs(id));
    }

    [Fact]
    public async Task Disposing_after_the_end_and_twice_is_harmless()
    {
        var process = OwnedProcess.Start(new ProcessSpec("true", []));
        await process.Completion;
        await process.KillAsync();
        await process.DisposeAsync();
        await process.DisposeAsync();
        Assert.Equal(0, (await process.Completion).ExitCode);
    }

    [Fact]
    public async Task Writing_to_a_dead_child_is_an_error()
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("true", [], RedirectInput: true));
        await process.Completion;
        await Assert.ThrowsAsync<IOException>(async () => await process.StandardInput.WriteAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task A_child_that_ends_while_it_is_written_to_is_an_error_and_not_a_hang()
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("head", ["-c", "1000"], RedirectInput: true));
        await Assert.ThrowsAsync<IOException>(async () => await process.StandardInput.WriteAsync(new byte[10 << 20], Cancel));
        Assert.Equal(0, (await process.Completion).ExitCode);
    }

    [Fact]
    public async Task Killing_ends_a_read_that_waits()
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"], RedirectOutput: true));
        var reading = process.StandardOutput.ReadAsync(new byte[1], Cancel).AsTask();
        await process.KillAsync();
        var ended = await Record.ExceptionAsync(() => reading);
        Assert.True(ended is null ? await reading == 0 : ended is IOException or ObjectDisposedException or OperationCanceledException, $"{ended}");
    }

    [Fact]
    public async Task A_read_that_waits_can_be_cancelled()
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"], RedirectOutput: true));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = process.StandardOutput.ReadAsync(new byte[1], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_write_that_waits_can_be_cancelled()
    {
        await using var process = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"], RedirectInput: true));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = process.StandardInput.WriteAsync(new byte[64 << 20], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task A_pipe_holds_as_much_as_the_system_lets_it()
    {
        var largest = int.Parse(await File.ReadAllTextAsync("/proc/sys/fs/pipe-max-size", Cancel), CultureInfo.InvariantCulture);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && largest > 65536, "Users share a limit for large pipes.");
        await using var process = OwnedProcess.Start(new ProcessSpec("sleep", ["1000"], RedirectInput: true));
        // Nobody reads: what is written without waiting for ever is what the pipe holds.
        await process.StandardInput.WriteAsync(new byte[largest], Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_grandchild_that_keeps_standard_error_open_does_not_hold_up_the_end()
    {
        await using var process = OwnedProcess.Start(Shell("sleep 1000 >/dev/null </dev/null & echo $!; exit 4", output: true));
        using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8);
        var grandchild = int.Parse((await reader.ReadLineAsync(Cancel))!, CultureInfo.InvariantCulture);
        Assert.Equal(4, (await process.Completion).ExitCode);
        using var left = System.Diagnostics.Process.GetProcessById(grandchild);
        left.Kill();
    }

    [Fact]
    public async Task The_child_speaks_the_language_of_programs()
    {
        await using var process = OwnedProcess.Start(Shell("printf %s \"$LC_ALL\" >&2"));
        Assert.Equal("C", (await process.Completion).StandardError);
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_error() =>
        Assert.Throws<Win32Exception>(() => OwnedProcess.Start(new ProcessSpec("no-such-program", [])));
}
