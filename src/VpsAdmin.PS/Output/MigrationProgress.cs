using System.Globalization;
using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>How many servers of a plan have moved.</summary>
internal sealed class MigrationProgress(PipelineMessages messages, TimeProvider time, string activity)
    : ThrottledProgress<IReadOnlyList<VpsMigration>>(messages, time, activity, id: 1, parentId: -1)
{
    protected override ProgressRecord Describe(IReadOnlyList<VpsMigration> value, ProgressRecord record)
    {
        var finished = value.Count(static m => m.State is not ("queued" or "running"));
        record.StatusDescription = string.Create(CultureInfo.InvariantCulture, $"{finished} of {value.Count} VPSes, {value.Count(static m => m.State == "running")} moving");
        record.PercentComplete = value.Count == 0 ? -1 : 100 * finished / value.Count;
        return record;
    }
}
