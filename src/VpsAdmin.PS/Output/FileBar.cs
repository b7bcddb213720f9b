using System.Management.Automation;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>Progress through a file of known length.</summary>
internal sealed class FileBar(PipelineMessages messages, TimeProvider time, string activity, long length)
    : ThrottledProgress<long>(messages, time, activity, id: 1, parentId: -1)
{
    protected override ProgressRecord Describe(long value, ProgressRecord record)
    {
        record.StatusDescription = $"{Display.Bytes(value)} of {Display.Bytes(length)}";
        record.PercentComplete = length > 0 ? (int)Math.Clamp(100.0 * value / length, 0, 100) : -1;
        return record;
    }
}
