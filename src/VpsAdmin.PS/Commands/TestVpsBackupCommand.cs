using System.Management.Automation;
using VpsAdmin.Backup.Inspection;
using VpsAdmin.PS.Arguments;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS.Commands;

/// <summary>Whether backups on this machine are recent enough. No server is asked, so it also tells when the backup itself never runs.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VpsBackup", DefaultParameterSetName = AsBool)]
[OutputType(typeof(bool), typeof(BackupCheck), typeof(string))]
public sealed class TestVpsBackupCommand : LocalBackupCmdlet
{
    private const string AsBool = "Bool";
    private const string AsCheck = "Detailed";
    private const string AsPlugin = "Nagios";

    private readonly List<BackupCheck> _checks = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "ZFS filesystem with a backup.")]
    [ValidateDatasetName]
    public string[] Filesystem { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The newest snapshot must not be older; a number means days.")]
    [TimeSpanTransformation(TimeUnit.Days)]
    [ValidateTimeSpan("0.00:00:01", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; }

    [Parameter(HelpMessage = "From this age on a warning; a number means days.")]
    [TimeSpanTransformation(TimeUnit.Days)]
    [ValidateTimeSpan("0.00:00:01", "36500.00:00:00")]
    public TimeSpan? WarningAge { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = AsCheck, HelpMessage = "Emit what was found instead of true or false.")]
    public SwitchParameter Detailed { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = AsPlugin, HelpMessage = "Emit one text as a monitoring plugin prints it, and set $LASTEXITCODE.")]
    public SwitchParameter Nagios { get; set; }

    private BackupLimits Limits => new(MaxAge, WarningAge);

    protected override void BeginProcessing() => Require(WarningAge, () => WarningAge is { } warning && warning > MaxAge
        ? throw new VpsAdminException(Errors.InvalidCombination, $"-WarningAge {warning} is more than -MaxAge {MaxAge}.", warning)
        : true);

    protected override void ProcessRecord()
    {
        foreach (var filesystem in Filesystem)
            Attempt(filesystem, () => Tell(Await(cancel => CheckAsync(filesystem, cancel))));
    }

    protected override void EndProcessing()
    {
        if (!Nagios)
            return;
        var report = MonitoringReport.Of(_checks);
        // As if a native program had ended, for "exit ($LASTEXITCODE ?? 3)".
        SessionState.PSVariable.Set("global:LASTEXITCODE", report.ExitCode);
        WriteObject(report.Text, enumerateCollection: false);
    }

    private void Tell(BackupCheck check)
    {
        if (Nagios)
            _checks.Add(check);
        else if (Detailed)
            WriteObject(check, enumerateCollection: false);
        else
        {
            WriteVerbose(check.Message);
            WriteObject(check.IsFresh, enumerateCollection: false);
        }
    }

    private async Task<BackupCheck> CheckAsync(string filesystem, CancellationToken cancel)
    {
        try
        {
            var backup = await new BackupInspector(Zfs).ReadAsync(filesystem, BackupInspector.Daily, cancel).ConfigureAwait(false);
            return BackupFreshness.Judge(backup, Limits, Time.GetUtcNow());
        }
        catch (ZfsException e) when (Detailed || Nagios)
        {
            return BackupFreshness.Unknown(filesystem, Limits, e.Message);
        }
    }
}
