using System.ComponentModel;
using System.Diagnostics;

namespace VpsAdmin.Zfs.Processes;

/// <summary>How to start a program: never through a shell.</summary>
/// <param name="FileName">Program, looked up in PATH.</param>
/// <param name="RedirectInput">False: standard input is empty.</param>
/// <param name="RedirectOutput">False: standard output is discarded.</param>
/// <param name="Folder">Its current folder; null: this process's.</param>
public sealed record ProcessSpec(
    string FileName, IReadOnlyList<string> Arguments, bool RedirectInput = false, bool RedirectOutput = false, string? Folder = null);

/// <param name="StandardError">The last 8 KiB.</param>
public sealed record ProcessResult(int ExitCode, string StandardError);

/// <summary>
/// A child process that this process answers for: its standard error is collected, its exit status is always observed, and
/// disposing it leaves no process behind. The only place in the house that starts programs.
/// </summary>
public sealed class OwnedProcess : IAsyncDisposable
{
    // A grandchild may keep standard error open after the child has gone; nobody waits for it longer than this.
    private static readonly TimeSpan ErrorGrace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly ProcessSpec _spec;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Stream _error;
    private readonly ErrorTail _tail = new();

    private OwnedProcess(Process process, ProcessSpec spec)
    {
        _process = process;
        _spec = spec;
        Id = process.Id;
        Command = [spec.FileName, .. spec.Arguments];
        // The raw pipes; the readers and writers around them never buffer a byte.
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _error = process.StandardError.BaseStream;
        if (spec.RedirectInput)
            PipeCapacity.Raise(_input);
        else
            _input.Dispose();
        if (spec.RedirectOutput)
            PipeCapacity.Raise(_output);
        Completion = CompleteAsync();
    }

    /// <remarks>The child gets <c>LC_ALL=C</c>: what it says is read by programs.</remarks>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static OwnedProcess Start(ProcessSpec spec)
    {
        var start = new ProcessStartInfo(ProgramPath.Find(spec.FileName), spec.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.Folder ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            return new OwnedProcess(process, spec);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>The full path of a program in PATH or the system's folders (<c>/usr/sbin</c> and the like); null when there is none.</summary>
    public static string? Locate(string program)
    {
        try
        {
            return ProgramPath.Find(program);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Program and arguments, for messages.</summary>
    public IReadOnlyList<string> Command { get; }

    public int Id { get; }

    /// <summary>
    /// The child's standard input; closing it tells the child the end. Only with <c>RedirectInput</c>. Writing to a child that has
    /// ended throws <see cref="IOException"/>.
    /// </summary>
    public Stream StandardInput => _spec.RedirectInput
        ? _input
        : throw new InvalidOperationException($"The standard input of {_spec.FileName} is not redirected.");

    /// <summary>The child's standard output. Only with <c>RedirectOutput</c>.</summary>
    public Stream StandardOutput => _spec.RedirectOutput
        ? _output
        : throw new InvalidOperationException($"The standard output of {_spec.FileName} is not redirected.");

    /// <summary>Completes when the child has ended and its standard error is read to the end. Never faults.</summary>
    public Task<ProcessResult> Completion { get; }

    /// <summary>SIGKILL, then our ends of the pipes are closed, then the exit is waited for (field order: openzfs #12500).</summary>
    /// <remarks>
    /// A child of sudo belongs to root and cannot be signalled by others; closing the pipes ends it: a receive finds its stream cut
    /// short, a send finds nobody reading.
    /// </remarks>
    public async Task KillAsync()
    {
        if (!Completion.IsCompleted)
            Signal();
        // Some kernels go on writing to the pipe from a task queue and do not let the process exit while a reader is there.
        ClosePipes();
        await Completion.ConfigureAwait(false);
    }

    /// <summary>Kills the child if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private void Signal()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has just ended, or it is root's (see KillAsync): closing the pipes is what is left to do.
        }
    }

    private void ClosePipes()
    {
        _input.Dispose();
        _output.Dispose();
    }

    private async Task<ProcessResult> CompleteAsync()
    {
        var error = _tail.DrainAsync(_error);
        var discarded = _spec.RedirectOutput ? Task.CompletedTask : DiscardAsync(_output);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(error, discarded), Task.Delay(ErrorGrace)).ConfigureAwait(false);
        _error.Dispose();
        if (!_spec.RedirectOutput)
            _output.Dispose();
        await Task.WhenAll(error, discarded).ConfigureAwait(false);
        return new ProcessResult(_process.ExitCode, _tail.Text());
    }

    private static async Task DiscardAsync(Stream output)
    {
        try
        {
            await output.CopyToAsync(Stream.Null).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed by KillAsync or at the end: nobody wants the rest.
        }
    }
}
