using System.Runtime.InteropServices;

namespace VpsAdmin.Shell;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop, so that scripts and cmdlets clean up. The second one has its
/// usual effect: the process ends. A terminal gives SIGINT to all of its foreground group; the others come to this process alone, and the
/// engine does not end a program that has the standard streams itself, so they are passed on to what runs for it.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int Hangup = 1, Interrupt = 2, Terminate = 15;

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private int _exitCode;

    public Interruption() =>
        _registrations = [On(PosixSignal.SIGINT, Interrupt), On(PosixSignal.SIGTERM, Terminate), On(PosixSignal.SIGHUP, Hangup)];

    public CancellationToken Token => _source.Token;

    /// <summary>128 and the signal's number, as shells have it; null when there was no signal.</summary>
    public int? ExitCode => _exitCode == 0 ? null : _exitCode;

    /// <summary>Whether a program that ended with this status died of one of the signals.</summary>
    public static bool IsExitCode(int status) => status - 128 is Hangup or Interrupt or Terminate;

    private PosixSignalRegistration On(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        if (Interlocked.CompareExchange(ref _exitCode, 128 + number, 0) != 0)
            return;
        context.Cancel = true;
        // Before anything is cleaned up: the programs that do so are left in peace.
        var children = signal is PosixSignal.SIGINT ? [] : ChildProcesses.OfThisGroup();
        _source.Cancel();
        foreach (var child in children)
            ChildProcesses.Signal(child, number);
    });

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }
}
