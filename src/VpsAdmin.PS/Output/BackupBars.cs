using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Output;

/// <summary>The backup's step, and below it the transfer that it makes.</summary>
/// <param name="number">Among the backups of this command, from 0: they may run at the same time.</param>
internal sealed class BackupBars(PipelineMessages messages, TimeProvider time, string activity, int number = 0) : IProgress<BackupProgress>, IDisposable
{
    private readonly int _stepId = (2 * number) + 1;
    private readonly int _transferId = (2 * number) + 2;
    private TransferBar? _transfer;
    private string? _step;

    public void Report(BackupProgress value)
    {
        if (value.Step != _step)
        {
            CloseTransfer();
            _step = value.Step;
            messages.Verbose(value.Step);
            messages.Progress(new ProgressRecord(_stepId, activity, value.Step));
        }

        if (value.Warning is { } warning)
            messages.Warning(warning);

        if (value.Transfer is { } transfer)
            (_transfer ??= new TransferBar(messages, time, value.Step, _transferId, _stepId)).Report(transfer);
    }

    public void Dispose()
    {
        CloseTransfer();
        if (_step is not null)
            messages.Progress(new ProgressRecord(_stepId, activity, "Done") { RecordType = ProgressRecordType.Completed });
    }

    private void CloseTransfer()
    {
        _transfer?.Dispose();
        _transfer = null;
    }
}
