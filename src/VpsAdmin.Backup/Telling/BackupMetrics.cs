using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VpsAdmin.Backup.Telling;

/// <summary>
/// Runs as a file for the textfile collector of Prometheus' node_exporter. A filesystem that this file had and that was not run now keeps its
/// lines, so that several jobs may write to one file, one after another.
/// </summary>
public static partial class BackupMetrics
{
    private const string Prefix = "vpsadmin_backup_";

    private static readonly (string Name, string Help)[] Gauges =
    [
        ("last_run_timestamp_seconds", "When the backup last ended, well or not."),
        ("last_success_timestamp_seconds", "When the backup last ended well."),
        ("success", "1 when the last run ended well, 0 when it failed."),
        ("exit_code", "Exit code of the last run."),
        ("duration_seconds", "Duration of the last run that ended well."),
        ("transferred_bytes", "Bytes that the last run that ended well downloaded."),
        ("snapshots_added", "Snapshots that the last run that ended well added."),
        ("snapshots_destroyed", "Snapshots that the last run that ended well rotated away."),
        ("snapshots", "Snapshots in the filesystem."),
        ("newest_snapshot_timestamp_seconds", "When the newest snapshot in the filesystem was taken."),
    ];

    /// <summary>Writes the file beside and renames it: a reader sees the old one or the new one.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static void Write(string path, IReadOnlyList<BackupReport> reports, DateTimeOffset now)
    {
        var text = Render(File.Exists(path) ? File.ReadAllText(path) : "", reports, now);
        var beside = $"{path}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.tmp";
        try
        {
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <param name="former">Text of the file until now.</param>
    internal static string Render(string former, IReadOnlyList<BackupReport> reports, DateTimeOffset now)
    {
        // By filesystem, then by gauge.
        var values = new SortedDictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (Match line in Line().Matches(former))
            Of(values, line.Groups["label"].Value)[line.Groups["name"].Value] = line.Groups["value"].Value;
        foreach (var report in reports)
            Set(Of(values, Escape(report.Filesystem)), report, now);

        var text = new StringBuilder();
        foreach (var (name, help) in Gauges)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Prefix}{name} {help}\n# TYPE {Prefix}{name} gauge\n");
            foreach (var (label, gauges) in values)
            {
                if (gauges.TryGetValue(name, out var value))
                    text.Append(CultureInfo.InvariantCulture, $"{Prefix}{name}{{filesystem=\"{label}\"}} {value}\n");
            }
        }
        return text.ToString();
    }

    private static void Set(Dictionary<string, string> gauges, BackupReport report, DateTimeOffset now)
    {
        gauges["last_run_timestamp_seconds"] = Number(now.ToUnixTimeSeconds());
        gauges["success"] = report.Result is null ? "0" : "1";
        gauges["exit_code"] = Number(report.ExitCode);
        if (report.Result is not { } result)
            return;
        gauges["last_success_timestamp_seconds"] = Number(now.ToUnixTimeSeconds());
        gauges["duration_seconds"] = Number(result.Duration.TotalSeconds);
        gauges["transferred_bytes"] = Number(result.Bytes);
        gauges["snapshots_added"] = Number(result.SnapshotsAdded.Count);
        gauges["snapshots_destroyed"] = Number(result.SnapshotsDestroyed.Count);
        gauges["snapshots"] = Number(result.SnapshotCount);
        if (result.NewestSnapshot is { } newest)
            gauges["newest_snapshot_timestamp_seconds"] = Number(newest.ToUnixTimeSeconds());
    }

    private static Dictionary<string, string> Of(SortedDictionary<string, Dictionary<string, string>> values, string label) =>
        values.TryGetValue(label, out var found) ? found : values[label] = new Dictionary<string, string>(StringComparer.Ordinal);

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Escape(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    [GeneratedRegex(@"^vpsadmin_backup_(?<name>[a-z_]+)\{filesystem=""(?<label>(?:[^""\\]|\\.)*)""\} (?<value>[0-9.]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
