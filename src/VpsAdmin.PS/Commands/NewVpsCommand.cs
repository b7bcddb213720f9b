using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Output;

namespace VpsAdmin.PS.Commands;

/// <summary>A virtual server: its record and its root dataset.</summary>
[Cmdlet(VerbsCommon.New, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class NewVpsCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string Hostname { get; set; } = null!;

    protected override void ProcessRecord()
    {
        if (ShouldProcess(Hostname, "Create a VPS"))
            Attempt(Hostname, () => WriteObject(Await(CreateAsync), enumerateCollection: false));
    }

    private async Task<Vps> CreateAsync(Pipeline.PipelineMessages messages, CancellationToken cancel)
    {
        var started = await Client.CreateVpsAsync(Hostname, cancel).ConfigureAwait(false);
        using (var progress = new ActionProgress(messages, Time, $"Creating VPS {Hostname}"))
            await Client.WaitAsync(started.ActionStateId, progress, cancel).ConfigureAwait(false);
        return await Client.GetVpsAsync(started.Value.Id, cancel).ConfigureAwait(false);
    }
}
