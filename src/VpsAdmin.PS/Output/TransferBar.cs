using System.Management.Automation;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Output;

/// <summary>Progress of one transfer, such as <c>12.3 MiB of ~40.0 MiB, 5.1 MiB/s</c>.</summary>
internal sealed class TransferBar(PipelineMessages messages, TimeProvider time, string activity, int id = 1, int parentId = -1)
    : ThrottledProgress<TransferProgress>(messages, time, activity, id, parentId)
{
    private string? _fault;

    protected override ProgressRecord Describe(TransferProgress value, ProgressRecord record)
    {
        TellFault(value);
        record.StatusDescription = Status(value);
        record.PercentComplete = value.BytesTotal is > 0 and var total ? (int)Math.Clamp(100.0 * value.BytesTransferred / total, 0, 100) : -1;
        if (value.Remaining is { } remaining)
            record.SecondsRemaining = (int)Math.Clamp(remaining.TotalSeconds, 0, int.MaxValue);
        return record;
    }

    // Each new reason for trying again is told, once.
    private void TellFault(TransferProgress value)
    {
        var fault = value.Phase is TransferPhase.Retrying ? value.Detail ?? "the connection failed" : null;
        if (fault is not null && fault != _fault)
            Verbose($"trying again: {fault}");
        _fault = fault;
    }

    private static string Status(TransferProgress value)
    {
        var amount = value.BytesTotal is { } total
            ? $"{Display.Bytes(value.BytesTransferred)} of {(value.TotalIsExact ? "" : "~")}{Display.Bytes(total)}"
            : Display.Bytes(value.BytesTransferred);
        return value.Phase switch
        {
            TransferPhase.Transferring => $"{amount}, {Display.Rate(value.BytesPerSecond)}",
            TransferPhase.Waiting => $"{amount}, waiting for the server",
            TransferPhase.Retrying => $"{amount}, trying again{(value.Detail is { } reason ? $": {reason}" : "")}",
            TransferPhase.Verifying => $"{amount}, verifying",
            _ => amount,
        };
    }
}
