using System.Management.Automation;
using VpsAdmin.PS.Arguments;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that moves snapshots: what its transfers may take, and how much trouble they bear.</summary>
public abstract class TransferCmdlet : ConnectedCmdlet
{
    [Parameter(HelpMessage = "Bytes per second, such as 2MB.")]
    [ValidateRange(1L, long.MaxValue)]
    public long? MaxRate { get; set; }

    [Parameter(HelpMessage = "Do not compare the server's SHA-256.")]
    public SwitchParameter SkipChecksum { get; set; }

    [Parameter(HelpMessage = "Leave the exported file on the server; it expires there.")]
    public SwitchParameter KeepOnServer { get; set; }

    [Parameter(HelpMessage = "Faults in a row, without a byte gained, that are borne.")]
    [ValidateRange(0, int.MaxValue)]
    public int RetryCount { get; set; } = 10;

    [Parameter(HelpMessage = "How long such faults are borne; a number means seconds.")]
    [TimeSpanTransformation(TimeUnit.Seconds)]
    [ValidateTimeSpan("0.00:00:00", "365.00:00:00")]
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.FromMinutes(30);

    private protected TransferOptions Options => new(MaxRate, !SkipChecksum, RetryCount, RetryTimeout);
}
