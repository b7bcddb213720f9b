using System.Globalization;
using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;

namespace VpsAdmin.PS.Commands;

/// <summary>Another virtual server with the data of one, which goes on running.</summary>
[Cmdlet(VerbsCommon.Copy, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class CopyVpsCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "An id, or an object of Get-Vps.")]
    [IdTransformation(typeof(Vps))]
    public long Id { get; set; }

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The new one's host name.")]
    [ValidateNotNullOrEmpty]
    public string Hostname { get; set; } = null!;

    [Parameter(HelpMessage = "Node that it is to be on: the id; by default that of the other.")]
    [IdTransformation(typeof(Node))]
    public long? Node { get; set; }

    [Parameter(HelpMessage = "Do not start it.")]
    public SwitchParameter NoStart { get; set; }

    protected override void ProcessRecord()
    {
        if (ShouldProcess(string.Create(CultureInfo.InvariantCulture, $"VPS {Id}"), $"Clone the VPS as {Hostname}"))
            Attempt(Id, () => WriteObject(Await(CloneAsync), enumerateCollection: false));
    }

    private async Task<Vps> CloneAsync(Pipeline.PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.CloneVpsAsync(Id, Hostname, Node, NoStart ? false : null, cancel).ConfigureAwait(false);
        using (var progress = new ActionProgress(messages, Time, string.Create(CultureInfo.InvariantCulture, $"Cloning VPS {Id} as {Hostname}")))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return await Client.GetVpsAsync(started.Value.Id, cancel).ConfigureAwait(false);
    }
}
