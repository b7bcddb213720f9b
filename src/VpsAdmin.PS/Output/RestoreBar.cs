using System.Management.Automation;
using VpsAdmin.Backup.Restoring;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>Progress of a restore, such as <c>Sending tank/backup/0@a: 12.3 MiB of ~40.0 MiB</c>.</summary>
internal sealed class RestoreBar(PipelineMessages messages, TimeProvider time, string activity)
    : ThrottledProgress<RestoreProgress>(messages, time, activity, id: 1, parentId: -1)
{
    protected override ProgressRecord Describe(RestoreProgress value, ProgressRecord record)
    {
        record.StatusDescription = value.Bytes == 0 ? value.Step : $"{value.Step}: {Display.Bytes(value.Bytes)}{(value.Total is { } total ? $" of ~{Display.Bytes(total)}" : "")}";
        record.PercentComplete = value.Total is > 0 and var all ? (int)Math.Clamp(100.0 * value.Bytes / all, 0, 100) : -1;
        return record;
    }
}
