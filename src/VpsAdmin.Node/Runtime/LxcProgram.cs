using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Runtime;

/// <summary>Runs the programs that VPSes need; what they say when they fail is in the error.</summary>
internal static class LxcProgram
{
    // Characters; what is asked for is a line, and the programs run besides systems that anybody may be root of.
    private const int LongestAnswer = 16 << 10;

    /// <exception cref="TransactionException">It cannot be started, or fails.</exception>
    public static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var process = Start(new ProcessSpec(program, arguments));
        await using (process.ConfigureAwait(false))
            await CheckAsync(process, cancel).ConfigureAwait(false);
    }

    /// <summary>What it writes to its standard output, and its exit status. When it is not waited for any more, it is killed.</summary>
    /// <exception cref="TransactionException">It cannot be started, or has no end of what it says.</exception>
    public static async Task<(int Status, string Output)> AskAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var process = Start(new ProcessSpec(program, arguments, RedirectOutput: true));
        await using var _ = process.ConfigureAwait(false);
        var output = await ReadAsync(process, program, cancel).ConfigureAwait(false);
        return ((await process.Completion.WaitAsync(cancel).ConfigureAwait(false)).ExitCode, output);
    }

    private static async Task<string> ReadAsync(OwnedProcess process, string program, CancellationToken cancel)
    {
        using var reader = new StreamReader(process.StandardOutput);
        var buffer = new char[LongestAnswer + 1];
        var read = await reader.ReadBlockAsync(buffer, cancel).ConfigureAwait(false);
        return read <= LongestAnswer ? new string(buffer, 0, read) : throw new TransactionException($"{program} says more than {LongestAnswer} characters.");
    }

    public static OwnedProcess Start(ProcessSpec spec)
    {
        try
        {
            return OwnedProcess.Start(spec);
        }
        catch (Win32Exception e)
        {
            throw new TransactionException($"{spec.FileName} cannot be started: {e.Message}", e);
        }
    }

    public static async Task CheckAsync(OwnedProcess process, CancellationToken cancel)
    {
        var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new TransactionException($"'{string.Join(' ', process.Command)}' ended with status {result.ExitCode}: {result.StandardError}");
    }
}
