using System.Diagnostics;
using VpsAdmin.Transfer;

namespace VpsAdmin.Benchmarks;

/// <summary>The standard input of a program that throws everything away: the pump and a kernel pipe, without a decoder.</summary>
internal sealed class NativeSink(string program) : TransferSink
{
    private Process? _process;

    public override Task<long> OpenAsync(IExport export, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel)
    {
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec {program} >/dev/null"]) { RedirectStandardInput = true })!;
        return Task.FromResult(0L);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancel) => _process!.StandardInput.BaseStream.WriteAsync(compressed, cancel);

    public override Task<bool> RestartAsync(CancellationToken cancel) => Task.FromResult(false);

    public override async Task CommitAsync(CancellationToken cancel)
    {
        _process!.StandardInput.Close();
        await _process.WaitForExitAsync(cancel).ConfigureAwait(false);
    }

    public override Task AbortAsync(bool keepPart)
    {
        _process?.Kill();
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }
}
