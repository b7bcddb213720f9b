using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>The backup's step, and below it the transfer that it makes.</summary>
internal sealed class BackupBars(PipelineMessages messages, TimeProvider time, string activity) : IProgress<BackupProgress>, IDisposable
{
    private const int StepId = 1;
    private const int TransferId = 2;

    private TransferBar? _transfer;
    private string? _step;

    public void Report(BackupProgress value)
    {
        if (value.Step != _step)
        {
            CloseTransfer();
            _step = value.Step;
            messages.Verbose(value.Step);
            messages.Progress(new ProgressRecord(StepId, activity, value.Step));
        }

        if (value.Warning is { } warning)
            messages.Warning(warning);

        if (value.Transfer is { } transfer)
            (_transfer ??= new TransferBar(messages, time, value.Step, TransferId, StepId)).Report(transfer);
    }

    public void Dispose()
    {
        CloseTransfer();
        if (_step is not null)
            messages.Progress(new ProgressRecord(StepId, activity, "Done") { RecordType = ProgressRecordType.Completed });
    }

    private void CloseTransfer()
    {
        _transfer?.Dispose();
        _transfer = null;
    }
}
