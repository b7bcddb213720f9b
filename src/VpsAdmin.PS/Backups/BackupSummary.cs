using System.Globalization;
using VpsAdmin.Backup;
using VpsAdmin.Backup.Telling;
using VpsAdmin.PS.Output;

namespace VpsAdmin.PS.Backups;

/// <summary>All backups of one command in one line.</summary>
/// <param name="Bytes">Downloaded, compressed.</param>
public sealed record BackupSummary(int Transferred, int UpToDate, int Failed, long Bytes, TimeSpan Duration)
{
    internal static BackupSummary Of(IReadOnlyCollection<BackupReport> reports, TimeSpan duration)
    {
        var transferred = reports.Count(static r => r.Result?.Outcome == BackupOutcome.Transfer);
        var failed = reports.Count(static r => r.Result is null);
        return new(transferred, reports.Count - transferred - failed, failed, reports.Sum(static r => r.Result?.Bytes ?? 0), duration);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Transferred + UpToDate + Failed} backups in {Display.Duration(Duration)}: {Transferred} with something new, {Display.Bytes(Bytes)}; {UpToDate} without; {Failed} failed");
}
