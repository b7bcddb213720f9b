using System.Management.Automation;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Servers;

namespace VpsAdmin.PS.Commands;

/// <summary>Whether a server's database and its pools agree, after a crash for instance. For the server's administrator, on its machine; changes nothing.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VpsAdminConsistency")]
[OutputType(typeof(bool), typeof(ConsistencyFinding))]
public sealed class TestVpsAdminConsistencyCommand : VpsCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Folder with the server's database.")]
    [ValidateNotNullOrEmpty]
    public string[] DataPath { get; set; } = null!;

    [Parameter(HelpMessage = "The server's settings file, where its database is not in the folder.")]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    [Parameter(HelpMessage = "The pools of the other nodes are on this machine too.")]
    public SwitchParameter EveryNode { get; set; }

    [Parameter(HelpMessage = "Emit what was found instead of true or false.")]
    public SwitchParameter Detailed { get; set; }

    [Parameter(HelpMessage = "The server program; by default the module's own, else the one in PATH.")]
    [ValidateNotNullOrEmpty]
    public string? ServerPath { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var data in DataPath)
            Attempt(data, () => Test(FilePath.Literal(this, data)));
    }

    private void Test(string data)
    {
        var program = ServerPath is null ? ServerProgram.Find() : ServerProgram.Require(FilePath.Literal(this, ServerPath));
        var config = ConfigPath is null ? null : FilePath.Literal(this, ConfigPath);
        var findings = Await(cancel => new ServerCheck(program, data, config, EveryNode).RunAsync(cancel));
        if (Detailed)
        {
            WriteObject(findings, enumerateCollection: true);
            return;
        }
        foreach (var finding in findings)
            WriteVerbose(finding.Message);
        WriteObject(findings.Count == 0, enumerateCollection: false);
    }
}
