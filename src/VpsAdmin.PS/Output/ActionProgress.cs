using System.Management.Automation;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>Progress of what a server does in the background.</summary>
internal sealed class ActionProgress(PipelineMessages messages, TimeProvider time, string activity)
    : ThrottledProgress<ActionState>(messages, time, activity, id: 1, parentId: -1)
{
    protected override ProgressRecord Describe(ActionState value, ProgressRecord record)
    {
        record.StatusDescription = value.Total > 0 ? $"{value.Current} of {value.Total} {value.Unit ?? "steps"}" : "Waiting for the server";
        record.PercentComplete = value.Total > 0 ? (int)Math.Clamp(100 * value.Current / value.Total, 0, 100) : -1;
        return record;
    }
}
