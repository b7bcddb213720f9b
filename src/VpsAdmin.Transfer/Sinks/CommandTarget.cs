using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// A program of the user's that reads the stream from its standard input: started with its arguments as they are, never through a shell (BUG-20),
/// and killed when the transfer fails, before it has seen the stream's end.
/// </summary>
/// <param name="said">Receives what it writes to standard output, line by line.</param>
public sealed class CommandTarget(ProcessSpec program, Action<string> said) : IDecodedTarget
{
    private readonly ProcessSpec _program = program with { RedirectInput = true, RedirectOutput = true };
    private StreamConsumer? _consumer;
    private Task _listening = Task.CompletedTask;

    /// <summary>Its exit code, once it has ended; 128 and the signal's number when one ended it.</summary>
    public int? ExitCode { get; private set; }

    public Task OpenAsync(CancellationToken cancel)
    {
        try
        {
            var process = OwnedProcess.Start(_program);
            _consumer = new StreamConsumer(process, Failed);
            _listening = ListenAsync(process.StandardOutput);
        }
        catch (Win32Exception e)
        {
            throw new TransferException(TransferFailure.SinkFailed, $"'{_program.FileName}' cannot be started: {e.Message}", e);
        }
        return Task.CompletedTask;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel) => _consumer!.WriteAsync(decoded, cancel);

    public async Task CompleteAsync(CancellationToken cancel)
    {
        await _consumer!.CompleteAsync(cancel).ConfigureAwait(false);
        await _listening.WaitAsync(cancel).ConfigureAwait(false);
        ExitCode = 0;
    }

    public async Task AbortAsync()
    {
        if (_consumer is null || ExitCode == 0)
            return;
        await _consumer.KillAsync().ConfigureAwait(false);
        ExitCode = (await _consumer.Completion.ConfigureAwait(false)).ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_consumer is not null)
            await _consumer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ListenAsync(Stream output)
    {
        try
        {
            using var reader = new StreamReader(output);
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                said(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed to let the child go.
        }
    }

    private TransferException Failed(ProcessResult result, bool early, IOException? cause)
    {
        var when = early ? " before the end of the stream" : "";
        var words = result.StandardError.Length > 0 ? $": {result.StandardError}" : ".";
        return new TransferException(TransferFailure.SinkFailed, $"'{_program.FileName}' ended with exit code {result.ExitCode}{when}{words}", cause);
    }
}
