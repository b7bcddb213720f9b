using Microsoft.Win32.SafeHandles;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.PS.Transfers;

/// <summary>Writes the decoded stream to this process's own standard output, past the pipeline, which would make text of it.</summary>
internal sealed class StandardOutputTarget : IDecodedTarget
{
    private readonly Stream _output = Open();

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        try
        {
            // A write into a full pipe ends only with its reader. Stopping does not wait for that: nothing is sent any more, and the
            // process that owns the pipe is ending.
            await _output.WriteAsync(decoded, CancellationToken.None).AsTask().WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new TransferException(TransferFailure.SinkFailed, $"Standard output was closed: {e.Message}", e);
        }
    }

    public Task CompleteAsync(CancellationToken cancel) => _output.FlushAsync(cancel);

    /// <summary>What is written is written; it lacks its end, and the exit code tells.</summary>
    public Task AbortAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    /// <summary>
    /// .NET's console stream swallows EPIPE: a dead reader would go unnoticed, and a backup piped into it would count as done. A FileStream
    /// reports it, but on a seekable file keeps a position of its own, so that it serves pipes and sockets only.
    /// </summary>
    private static Stream Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
