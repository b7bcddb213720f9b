using System.Globalization;
using System.Text.RegularExpressions;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>
/// The PowerShell that a schedule runs: back up, with a token from a file. The command connects by itself, so that whoever watches the backup
/// hears of a server that is away, too; what it starts, zfs and ssh, sees the file's name and not the token. Pure.
/// </summary>
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
            .. schedule.IsPwsh ? [$"Import-Module {Quoted(schedule.Module)}"] : Array.Empty<string>(),
            $"$env:VPSADMIN_URL = {Quoted(schedule.Api.AbsoluteUri)}",
            "$env:VPSADMIN_TOKEN = ''",
            $"$env:VPSADMIN_TOKEN_FILE = {Quoted(schedule.TokenFile)}",
            "# By name: who runs it by hand may be connected to another server.",
            $"Backup-VpsDataset -Filesystem {Quoted(schedule.Filesystem)}{dataset} -Connection VPSADMIN_URL",
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
