using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Shell.Host;

/// <summary>The process's standard streams: text and bytes of one stream share one order.</summary>
internal sealed class StandardStreams
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public StandardStreams()
    {
        RawOutput = OpenOutput();
        Output = new StreamWriter(Console.OpenStandardOutput(), Utf8, bufferSize: 1024) { AutoFlush = true };
        Error = new StreamWriter(Console.OpenStandardError(), Utf8, bufferSize: 1024) { AutoFlush = true };
    }

    /// <summary>Unbuffered; never leave text in <see cref="Output"/> when writing here (it flushes itself).</summary>
    public Stream RawOutput { get; }

    /// <summary>What a reader that went away does not read of text, nobody misses: no error of it.</summary>
    public TextWriter Output { get; }
    public TextWriter Error { get; }
    public TextReader Input { get; } = Console.In;

    public bool IsInteractive { get; } = !Console.IsInputRedirected;
    public bool IsOutputTerminal { get; } = !Console.IsOutputRedirected && IsTerminal;
    public bool IsErrorTerminal { get; } = !Console.IsErrorRedirected && IsTerminal;

    private static bool IsTerminal => Environment.GetEnvironmentVariable("TERM") is not "dumb";

    public int Width
    {
        get
        {
            if (IsOutputTerminal && Console.WindowWidth is > 0 and var window)
                return window;
            return int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns is > 0 and <= 10_000 ? columns : 120;
        }
    }

    /// <summary>
    /// .NET's console stream swallows EPIPE, so that a dead reader would go unnoticed and a backup piped into it would count as done. A
    /// FileStream does report it; but on a seekable file it keeps a position of its own, and would overwrite what child processes write to
    /// the same file. Hence a FileStream for pipes and sockets, the console stream for all else.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
