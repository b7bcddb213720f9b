using System.Management.Automation;
using VpsAdmin.Shell.Host;

namespace VpsAdmin.Shell;

/// <summary>
/// The engine names Out-String in front of every native program that is piped into (NativeCommandProcessor), to make text of objects that are not
/// bytes, but keeps it in a module that the bare engine lacks. Strings pass as they are; other objects are shown as at a prompt.
/// </summary>
[Cmdlet("Out", "String")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];
    private readonly List<string> _lines = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>A string for each line instead of one for all.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    protected override void ProcessRecord()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                break;
            case string text when _objects.Count == 0:
                Emit(text);
                break;
            default:
                // Views line columns up over all objects of a run.
                _objects.Add(InputObject);
                break;
        }
    }

    protected override void EndProcessing()
    {
        if (_objects.Count > 0)
            Show();
        if (!Stream && _lines.Count > 0)
            WriteObject(string.Concat(_lines.Select(l => l + Environment.NewLine)));
    }

    private void Show()
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Out-Host");
        var text = ((ShellHost)Host.PrivateData.BaseObject).Capture(() => shell.Invoke(_objects));
        foreach (var line in text.TrimEnd('\r', '\n').Split('\n'))
            Emit(line.TrimEnd('\r'));
    }

    private void Emit(string line)
    {
        if (Stream)
            WriteObject(line);
        else
            _lines.Add(line);
    }
}
