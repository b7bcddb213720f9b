using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Waits until the server has finished what it does in the background. Stopping the wait does not stop the server.</summary>
[Cmdlet(VerbsLifecycle.Wait, "VpsTransactionChain")]
[OutputType(typeof(TransactionChain))]
public sealed class WaitVpsTransactionChainCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Ids of chains, or objects of Get-VpsTransactionChain.")]
    [IdsTransformation(typeof(TransactionChain))]
    public long[] Id { get; set; } = null!;

    [Parameter(HelpMessage = "How long to wait for each; a number means seconds. By default without end.")]
    [TimeSpanTransformation(TimeUnit.Seconds)]
    [ValidateTimeSpan("0.00:00:00.001", "365.00:00:00")]
    public TimeSpan? Timeout { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
            Attempt(id, () => Tell(Await((messages, cancel) => WaitAsync(id, messages, cancel))));
    }

    private void Tell(TransactionChain chain)
    {
        WriteObject(chain, enumerateCollection: false);
        if (chain.State != ChainStates.Done)
            throw new VpsAdminException(Errors.ActionAborted, $"Transaction chain {chain.Id} ({chain.Label ?? chain.Name ?? "without a label"}) ended in the state '{chain.State}'.", chain);
    }

    private async Task<TransactionChain> WaitAsync(long id, PipelineMessages messages, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (Timeout is { } timeout)
            limit.CancelAfter(timeout);
        using var progress = new ActionProgress(messages, Time, $"Waiting for transaction chain {id}");
        try
        {
            return await Client.WaitForChainAsync(id, Time, progress, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new VpsAdminException(Errors.WaitTimedOut, $"Transaction chain {id} has not finished within {Display.Duration(Timeout)}.", id, e);
        }
    }
}
