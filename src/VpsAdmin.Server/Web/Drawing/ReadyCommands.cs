using System.Globalization;

namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A command to paste.</summary>
/// <param name="Title">What it does.</param>
public sealed record ReadyCommand(string Title, string Text);

/// <summary>The commands that do at home what a page does.</summary>
internal static class ReadyCommands
{
    /// <param name="format">As the API names it.</param>
    /// <param name="fromId">Base of an incremental stream.</param>
    public static IReadOnlyList<ReadyCommand> OfDownload(string format, long datasetId, string datasetName, long snapshotId, long? fromId, string url, string fileName)
    {
        var (snapshot, from) = (Text(snapshotId), fromId is { } id ? $" -FromSnapshot {Text(id)}" : "");
        var kind = format is "stream" ? " -Format Stream" : "";
        var commands = new List<ReadyCommand> { new("Save the file, verified and resumable", $"Save-VpsSnapshot -Id {snapshot}{kind}{from} -Path . -Resume") };
        if (format is not "archive")
            commands.Add(new("Receive the stream into ZFS", $"Send-VpsSnapshot -Id {snapshot}{from} | zfs receive tank/copy"));
        commands.Add(new("Keep a backup of the whole dataset up to date", $"Backup-VpsDataset -Dataset {Text(datasetId)} -Filesystem {Quoted("backup/" + datasetName.Split('/')[^1])}"));
        commands.Add(new("Without the module", $"curl --fail --continue-at - --output {Quoted(fileName)} {Quoted(url)}"));
        return commands;
    }

    /// <summary>An action by its name. Capitals stand for the numbers in its path, and dots for the values that it cannot do without.</summary>
    /// <param name="scope">Such as <c>dataset.snapshot#show</c>.</param>
    public static ReadyCommand Call(string scope, IEnumerable<string> placeholders, IEnumerable<string> required)
    {
        var (ids, values) = (string.Join(',', placeholders.Select(static p => p.ToUpperInvariant())), string.Join("; ", required.Select(static r => $"{r} = '...'")));
        return new("PowerShell", $"Invoke-VpsAdminAction {scope.Replace('#', ' ')}{(ids.Length > 0 ? $" -Id {ids}" : "")}{(values.Length > 0 ? $" -Parameters @{{ {values} }}" : "")}");
    }

    /// <summary>Asks for the token, so that it gets into no history of commands.</summary>
    public static string Connect(string serverUrl) => $"Connect-VpsAdmin -Uri {serverUrl} -Token (Read-Host -AsSecureString -Prompt Token) -Save";

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>One word in both shells: names of the server's have no quotes in them.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "", StringComparison.Ordinal)}'";
}
