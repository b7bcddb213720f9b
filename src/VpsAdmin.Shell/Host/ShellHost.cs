using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace VpsAdmin.Shell.Host;

/// <summary>What the engine sees of the program that runs it.</summary>
internal sealed class ShellHost : PSHost
{
    private readonly StandardStreams _streams;
    private readonly ShellUserInterface _ui;

    public ShellHost(StandardStreams streams, ShellUserInterface ui)
    {
        _streams = streams;
        _ui = ui;
        PrivateData = PSObject.AsPSObject(this);
    }

    /// <summary>From <c>exit N</c>; null when there was no exit.</summary>
    public int? ExitCode { get; private set; }

    public bool LastStatementSucceeded { get; set; } = true;

    public bool CanWriteBytes => !_streams.IsOutputTerminal;

    /// <summary>Bytes as they are, in order with the lines of text.</summary>
    public void WriteBytes(byte[] bytes) => _streams.RawOutput.Write(bytes);

    public void ShowAsError(Action show) => _ui.ShowAsError(show);

    public string Capture(Action show) => _ui.Capture(show);

    public override string Name => "VpsAdmin.Shell";
    public override Version Version { get; } = typeof(ShellHost).Assembly.GetName().Version!;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override PSHostUserInterface UI => _ui;

    /// <summary>The way back to this object: the engine hands out wrappers of hosts.</summary>
    public override PSObject PrivateData { get; }

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("vpsadmin has no interactive prompt; use pwsh for one.");
    public override void ExitNestedPrompt() => throw new NotSupportedException("vpsadmin has no interactive prompt; use pwsh for one.");

    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
}
