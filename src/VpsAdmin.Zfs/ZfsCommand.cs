using System.ComponentModel;
using System.Text;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs;

/// <summary>Starts the <c>zfs</c> program of one host and turns what goes wrong into <see cref="ZfsException"/>.</summary>
internal sealed class ZfsCommand(ZfsHostOptions options)
{
    // Root needs no sudo, and a minimal host may not have it.
    private readonly bool _sudo = options.Sudo && (options.Remote is not null || !Environment.IsPrivilegedProcess);

    /// <summary>Program and arguments for the arguments of zfs, as they are started.</summary>
    internal IReadOnlyList<string> Line(IEnumerable<string> arguments)
    {
        string[] command = _sudo ? ["sudo", "-n", options.Program, .. arguments] : [options.Program, .. arguments];
        return options.Remote is { } remote ? SshCommandLine.Line(remote, command) : command;
    }

    /// <exception cref="ZfsException"><see cref="ZfsFailure.Unavailable"/>: there is no such program.</exception>
    internal OwnedProcess Start(IEnumerable<string> arguments, bool input = false, bool output = false)
    {
        var line = Line(arguments);
        try
        {
            return OwnedProcess.Start(new ProcessSpec(line[0], [.. line.Skip(1)], input, output));
        }
        catch (Win32Exception e)
        {
            throw ZfsException.NotStarted(line, e);
        }
    }

    /// <summary>Runs to the end and returns standard output.</summary>
    internal async Task<string> RunAsync(IEnumerable<string> arguments, CancellationToken cancel)
    {
        var (process, output, result) = await CaptureAsync(arguments, cancel).ConfigureAwait(false);
        return result.ExitCode == 0 ? output : throw ZfsException.From(process, result);
    }

    /// <summary>Runs to the end, whatever the exit status.</summary>
    internal async Task<(IReadOnlyList<string> Command, string Output, ProcessResult Result)> CaptureAsync(
        IEnumerable<string> arguments, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var process = Start(arguments, output: true);
        await using (process.ConfigureAwait(false))
        {
            using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8);
            var output = await reader.ReadToEndAsync(cancel).ConfigureAwait(false);
            var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
            return (process.Command, output, result);
        }
    }
}
