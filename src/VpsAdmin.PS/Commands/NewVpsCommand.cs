using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;

namespace VpsAdmin.PS.Commands;

/// <summary>A virtual server: its record, its root dataset, and a system in it where a template is given.</summary>
[Cmdlet(VerbsCommon.New, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class NewVpsCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string Hostname { get; set; } = null!;

    [Parameter(HelpMessage = "Node that it is to be on: the id.")]
    [IdTransformation(typeof(Node))]
    public long? Node { get; set; }

    [Parameter(HelpMessage = "What its system is made of, such as busybox; by default it has none.")]
    [ValidateNotNullOrEmpty]
    public string? Template { get; set; }

    [Parameter(HelpMessage = "Do not start it.")]
    public SwitchParameter NoStart { get; set; }

    protected override void ProcessRecord()
    {
        if (ShouldProcess(Hostname, "Create a VPS"))
            Attempt(Hostname, () => WriteObject(Await(CreateAsync), enumerateCollection: false));
    }

    private async Task<Vps> CreateAsync(Pipeline.PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.CreateVpsAsync(Hostname, new(Node, Template, NoStart ? false : null), cancel).ConfigureAwait(false);
        using (var progress = new ActionProgress(messages, Time, $"Creating VPS {Hostname}"))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return await Client.GetVpsAsync(started.Value.Id, cancel).ConfigureAwait(false);
    }
}
