namespace VpsAdmin.Transfer.Tests;

/// <summary>Progress as it is reported, on the reporting thread.</summary>
internal sealed class Reports(Action<TransferProgress>? then = null) : IProgress<TransferProgress>
{
    public List<TransferProgress> All { get; } = [];

    public void Report(TransferProgress value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
