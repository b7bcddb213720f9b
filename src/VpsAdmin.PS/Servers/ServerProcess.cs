using System.ComponentModel;
using System.Runtime.InteropServices;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.PS.Servers;

/// <summary>
/// A server that this PowerShell process started and answers for: it ends with PowerShell at the latest, also when that is killed. Its
/// standard input is a pipe whose other end only this process has (.NET opens pipes close-on-exec, so no other child gets it); the server
/// stops when that end is closed.
/// </summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    private readonly OwnedProcess _process;

    private ServerProcess(OwnedProcess process, string dataPath)
    {
        _process = process;
        DataPath = dataPath;
        Ended = ServerLog.KeepAsync(process, ServerLog.PathIn(dataPath));
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public int Id => _process.Id;

    public string DataPath { get; }

    /// <summary>Completes when the server has ended and its log is complete. Never faults.</summary>
    public Task<ProcessResult> Ended { get; }

    /// <exception cref="VpsAdminException">The program cannot be started.</exception>
    public static ServerProcess Start(ServerStart start)
    {
        try
        {
            return new ServerProcess(OwnedProcess.Start(Spec(start)), start.DataPath);
        }
        catch (Win32Exception e)
        {
            throw new VpsAdminException(Errors.ServerStartFailed, $"'{start.Program}' cannot be started: {e.Message}.", start.Program, e);
        }
    }

    /// <summary>Asks the server to end, and kills it when it has not after <paramref name="grace"/>. It is gone afterwards.</summary>
    /// <returns>True when it ended by itself.</returns>
    public async Task<bool> StopAsync(TimeSpan grace, TimeProvider time, CancellationToken cancel)
    {
        SendSigterm();
        try
        {
            await Ended.WaitAsync(grace, time, cancel).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await _process.DisposeAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    /// <summary>
    /// In a session of its own (setsid execs in place, the process id stays): a terminal sends Ctrl-C to the whole foreground group, and
    /// the one that a user means for a cmdlet must not end the server.
    /// </summary>
    private static ProcessSpec Spec(ServerStart start)
    {
        const string setsid = "/usr/bin/setsid";
        return File.Exists(setsid)
            ? new ProcessSpec(setsid, start.Command, RedirectInput: true, RedirectOutput: true)
            : new ProcessSpec(start.Command[0], [.. start.Command.Skip(1)], RedirectInput: true, RedirectOutput: true);
    }

    private void OnExit(object? sender, EventArgs e) => SendSigterm();

    // .NET has no way to end a process gently.
    private void SendSigterm()
    {
        if (!OperatingSystem.IsWindows() && !_process.Completion.IsCompleted)
            _ = SendSignal(_process.Id, Sigterm);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
