using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using VpsAdmin.Shell.Host;

namespace VpsAdmin.Shell;

/// <summary>A runspace with the module loaded, and the rules by which a run becomes an exit status.</summary>
internal sealed class ShellSession : IDisposable
{
    private readonly ShellHost _host;
    private readonly Interruption _interruption;
    private readonly Runspace _runspace;

    public ShellSession(ShellHost host, Interruption interruption)
    {
        _host = host;
        _interruption = interruption;
        _runspace = RunspaceFactory.CreateRunspace(host, InitialState());
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <exception cref="RuntimeException">It did not load.</exception>
    public void ImportModule(string manifest) => Invoke(pipeline => pipeline
        .AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop));

    /// <summary>As <c>pwsh -File</c>: 0 unless the script says <c>exit</c> or fails.</summary>
    public int Run(RunScript script) => Report(() =>
    {
        Invoke(pipeline => ShowOutput(pipeline.AddScript(ScriptCall.Text(script))));
        return 0;
    });

    /// <summary>As <c>pwsh -Command</c>, where a last statement that failed counts 1; here it counts what its error says.</summary>
    public int Run(RunCommand command) => Report(() =>
    {
        Invoke(pipeline => ShowOutput(pipeline.AddScript(command.Text)));
        return _host.LastStatementSucceeded ? 0 : ExitStatus.OfNewest(_runspace.SessionStateProxy.GetVariable("Error"));
    });

    /// <summary>Shows an error that ended a pipeline, through the error view, on standard error.</summary>
    public void Show(ErrorRecord error)
    {
        using var shell = PowerShell.Create(_runspace);
        shell.AddCommand("Out-Default");
        _host.ShowAsError(() => shell.Invoke(new[] { error }));
    }

    private int Report(Func<int> run)
    {
        try
        {
            var code = run();
            AwaitSharedSignal();
            return _interruption.ExitCode ?? _host.ExitCode ?? code;
        }
        catch (Exception) when (_interruption.ExitCode is { } signalled)
        {
            // Whatever the pipeline made of being stopped, the signal is the reason.
            return signalled;
        }
        catch (RuntimeException error)
        {
            Show(error.ErrorRecord);
            return ExitStatus.Of(error);
        }
    }

    /// <summary>
    /// A terminal signals all of its foreground group at once. A native program that died of it can end the pipeline before this process's
    /// handler had its turn; then the handler is waited for.
    /// </summary>
    private void AwaitSharedSignal()
    {
        if (_runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int status && Interruption.IsExitCode(status))
            _interruption.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
    }

    private void Invoke(Action<PSCommand> build)
    {
        using var shell = PowerShell.Create(_runspace);
        build(shell.Commands);
        using var stop = _interruption.Token.Register(() => shell.BeginStop(null, null));
        if (!_interruption.Token.IsCancellationRequested)
            shell.Invoke();
    }

    /// <summary>Errors travel with the output, so that they appear between the results where they happened.</summary>
    private static void ShowOutput(PSCommand command)
    {
        command.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        command.AddCommand(new Command("Out-Default") { MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Output | PipelineResultTypes.Error });
    }

    private static InitialSessionState InitialState()
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Remove("Out-Default", typeof(SessionStateCmdletEntry));
        state.Commands.Add(new SessionStateCmdletEntry("Out-Default", typeof(OutDefaultCommand), helpFileName: null));
        state.Commands.Add(new SessionStateCmdletEntry("Out-String", typeof(OutStringCommand), helpFileName: null));
        // Logs of cron and systemd need the error's id and place, which the concise view leaves out.
        state.Variables.Add(new SessionStateVariableEntry("ErrorView", "NormalView", "How errors are shown"));
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned; // pwsh's default there; other systems have none
        return state;
    }

    public void Dispose() => _runspace.Dispose();
}
