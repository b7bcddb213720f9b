using System.Management.Automation;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>
/// One progress bar: at most five records a second (the console redraws no faster), and one that takes the bar away at the end.
/// </summary>
internal abstract class ThrottledProgress<T>(PipelineMessages messages, TimeProvider time, string activity, int id, int parentId) : IProgress<T>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private long? _last;

    public void Report(T value)
    {
        lock (_gate)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
                return;
            _last = time.GetTimestamp();
        }

        var record = Describe(value, new ProgressRecord(id, activity, " ") { ParentActivityId = parentId });
        messages.Progress(record);
    }

    public void Dispose()
    {
        if (_last is not null)
            messages.Progress(new ProgressRecord(id, activity, "Done") { ParentActivityId = parentId, RecordType = ProgressRecordType.Completed });
    }

    /// <summary>For the log of a person who asked for one: a bar leaves no trace.</summary>
    protected void Verbose(string text) => messages.Verbose($"{activity}: {text}");

    protected abstract ProgressRecord Describe(T value, ProgressRecord record);
}
