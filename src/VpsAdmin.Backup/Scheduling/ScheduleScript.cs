using System.Globalization;
using System.Text.RegularExpressions;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>The PowerShell that a schedule runs: connect with a token from a file, back up. Pure.</summary>
internal static partial class ScheduleScript
{
    // The engine takes all of these for a single quote.
    private const string Quotes = "'\u2018\u2019\u201a\u201b";

    public static string Text(BackupSchedule schedule)
    {
        var dataset = schedule.DatasetId is { } id ? $" -Dataset {id.ToString(CultureInfo.InvariantCulture)}" : "";
        string[] lines =
        [
            $"# Backs up a dataset of a vpsAdmin into {schedule.Filesystem}. Written by Register-VpsBackupSchedule, and yours to edit.",
            "$ErrorActionPreference = 'Stop'",
            .. schedule.IsPwsh ? [$"Import-Module {Quoted(schedule.Manifest)}"] : Array.Empty<string>(),
            $"$token = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText({Quoted(schedule.TokenFile)}).Trim()).SecurePassword",
            $"$null = Connect-VpsAdmin -Uri {Quoted(schedule.Api.AbsoluteUri)} -Token $token",
            $"Backup-VpsDataset -Filesystem {Quoted(schedule.Filesystem)}{dataset}",
        ];
        return string.Join('\n', lines) + "\n";
    }

    /// <returns>Null when there is no such command in the text.</returns>
    public static string? FindFilesystem(string text) =>
        BackupCommand().Match(text) is { Success: true } match ? match.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal) : null;

    private static string Quoted(string text) => $"'{string.Concat(text.Select(static c => Quotes.Contains(c, StringComparison.Ordinal) ? $"{c}{c}" : $"{c}"))}'";

    [GeneratedRegex(@"^[^#\r\n]*\bBackup-VpsDataset\b[^#\r\n]*-Filesystem '((?:[^'\r\n]|'')+)'", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex BackupCommand();
}
