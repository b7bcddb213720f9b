using System.Management.Automation;
using VpsAdmin.Shell.Host;

namespace VpsAdmin.Shell;

/// <summary>
/// The engine's Out-Default, and two things more: byte[] goes to standard output as it is, where the engine would write a number on each line;
/// and the success of the last statement is noted. It keeps the name, because only in front of an Out-Default does the engine let native
/// programs have the standard streams themselves.
/// </summary>
[Cmdlet("Out", "Default")]
public sealed class OutDefaultCommand : Microsoft.PowerShell.Commands.OutDefaultCommand
{
    private ShellHost Shell => (ShellHost)Host.PrivateData.BaseObject;

    protected override void ProcessRecord()
    {
        if (InputObject?.BaseObject is not byte[] bytes)
            base.ProcessRecord();
        else if (Shell.CanWriteBytes)
            Shell.WriteBytes(bytes);
        else
            ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException("Binary data is not written to a terminal. Redirect standard output to a file or a program."),
                "BinaryToTerminal", ErrorCategory.InvalidOperation, null));
    }

    /// <summary>The script in front is complete here and $? is its last statement's; when the pipeline returns, the engine has reset it.</summary>
    protected override void EndProcessing()
    {
        Shell.LastStatementSucceeded = SessionState.PSVariable.GetValue("?") is not false;
        base.EndProcessing();
    }
}
