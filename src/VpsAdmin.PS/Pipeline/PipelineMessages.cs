using System.Management.Automation;
using System.Threading.Channels;

namespace VpsAdmin.PS.Pipeline;

/// <summary>
/// What work says while it runs off the pipeline thread. The queue is small on purpose: it carries words, never data, and work that
/// talks faster than the pipeline listens waits.
/// </summary>
internal sealed class PipelineMessages
{
    private readonly Channel<Action<Cmdlet>> _queue =
        Channel.CreateBounded<Action<Cmdlet>>(new BoundedChannelOptions(32) { SingleReader = true });

    public ChannelReader<Action<Cmdlet>> Reader => _queue.Reader;

    public void Verbose(string text) => Post(c => c.WriteVerbose(text));

    public void Warning(string text) => Post(c => c.WriteWarning(text));

    public void Object(object value) => Post(c => c.WriteObject(value, enumerateCollection: false));

    public void Error(ErrorRecord error) => Post(c => c.WriteError(error));

    /// <summary>An object for the pipeline: a line that a program says, never data.</summary>
    public void Output(string line) => Post(c => c.WriteObject(line));

    /// <summary>A record that would have to wait is dropped, for a newer one follows; the last one is not.</summary>
    public void Progress(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
            Post(c => c.WriteProgress(record));
        else
            _queue.Writer.TryWrite(c => c.WriteProgress(record));
    }

    /// <summary>For whoever listens to the information stream.</summary>
    public void Information(object value, string tag) => Post(c => c.WriteInformation(value, [tag]));

    /// <summary>Shown at once, as Write-Host does it.</summary>
    public void Show(string text) => Post(c => c.WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]));

    /// <summary>Asks the person at the host, on the pipeline thread, which waits for the answer.</summary>
    /// <returns>Null when nobody listens any more.</returns>
    public async Task<T?> AskAsync<T>(Func<PSCmdlet, T?> question, CancellationToken cancel)
        where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(c => answer.SetResult(question((PSCmdlet)c))))
            return null;
        // A question that the pipeline will not hear any more, or that ends it, ends by the cancellation.
        return await answer.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    public void Complete() => _queue.Writer.Complete();

    // IProgress.Report cannot be awaited, so a worker waits here in the rare case that the queue is full; the pipeline thread always drains.
    // A report that comes after the end is nobody's.
    private bool Post(Action<Cmdlet> message)
    {
        while (!_queue.Writer.TryWrite(message))
            if (!_queue.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
                return false;
        return true;
    }
}
