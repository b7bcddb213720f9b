using System.Globalization;
using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS;

/// <summary>Has something done to virtual servers, and waits until it is.</summary>
public abstract class VpsWorkCmdlet : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Ids, or objects of Get-Vps.")]
    [IdsTransformation(typeof(Vps))]
    public long[] Id { get; set; } = null!;

    [Parameter(HelpMessage = "Do not wait until the server has done it.")]
    public SwitchParameter NoWait { get; set; }

    [Parameter(HelpMessage = "Emit the virtual server as it is then.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is done, such as "Start the VPS".</summary>
    private protected abstract string Work { get; }

    /// <returns>To follow it with; null when it is done.</returns>
    private protected abstract Task<long?> BeginAsync(long id, CancellationToken cancel);

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            if (ShouldProcess(string.Create(CultureInfo.InvariantCulture, $"VPS {id}"), Work))
                Attempt(id, () => Tell(Await((messages, cancel) => RunAsync(id, messages, cancel))));
        }
    }

    private void Tell(Vps? vps)
    {
        if (vps is not null)
            WriteObject(vps, enumerateCollection: false);
    }

    private async Task<Vps?> RunAsync(long id, PipelineMessages messages, CancellationToken cancel)
    {
        var state = await BeginAsync(id, cancel).ConfigureAwait(false);
        if (!NoWait)
        {
            using var progress = new ActionProgress(messages, Time, $"{Work} {id}");
            await Client.WaitAsync(state, progress, cancel).ConfigureAwait(false);
        }
        return PassThru ? await Client.GetVpsAsync(id, cancel).ConfigureAwait(false) : null;
    }
}
