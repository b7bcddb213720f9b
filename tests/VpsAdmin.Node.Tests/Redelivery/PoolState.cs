using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>All that a node may change below a pool filesystem, as lines of text: datasets, where they come from, settings, snapshots, files.</summary>
internal static partial class PoolState
{
    private const string Notes = "/vpsadmin/receive";

    public static async Task<string> DescribeAsync(string filesystem, CancellationToken cancel)
    {
        var state = await ListAsync(filesystem, cancel);
        // What is being taken back meanwhile (zfs-fuse after a receive that was cut short) is seen here and not there.
        while (await ListAsync(filesystem, cancel) is var again && again != state)
            state = again;
        return state;
    }

    private static async Task<string> ListAsync(string filesystem, CancellationToken cancel)
    {
        var lines = new List<string>();
        foreach (var line in await ZfsAsync(cancel, "list", "-H", "-r", "-t", "filesystem,snapshot", "-o", "name,origin,mounted,mountpoint", filesystem))
        {
            if (line.Split('\t') is not [var name, var origin, var mounted, var folder])
                continue;
            if (!IsArea(name, filesystem))
                lines.Add($"{name} of {origin}, mounted: {mounted}");
            if (mounted == "yes")
                lines.AddRange(Files(name, folder));
        }
        foreach (var line in await ZfsAsync(cancel, "get", "-Hp", "-r", "-s", "local", "-o", "name,property,value", "all", filesystem))
            lines.Add(line.Replace('\t', ' '));
        // No quota is no quota, whether it was ever set or not.
        lines.RemoveAll(static line => line.EndsWith("quota 0", StringComparison.Ordinal));
        lines.Sort(StringComparer.Ordinal);
        return Moment().Replace(string.Join('\n', lines), "(moment)");
    }

    /// <summary>Datasets that vpsAdmin keeps for itself stay when they were needed once.</summary>
    private static bool IsArea(string dataset, string filesystem) =>
        new[] { "/vpsadmin", "/vpsadmin/download", "/vpsadmin/mount", "/vpsadmin/rollback", Notes }.Any(area => dataset == filesystem + area || dataset == $"{filesystem}/backup{area}");

    private static IEnumerable<string> Files(string dataset, string folder)
    {
        if (dataset.EndsWith(Notes, StringComparison.Ordinal))
        {
            // Their names are of the names of datasets, which are others in each bench.
            foreach (var note in Directory.EnumerateFiles(folder))
                yield return $"{dataset}: {Path.GetExtension(note)}";
            yield break;
        }
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = $"{dataset}: {Path.GetFileName(entry)}";
            if (File.Exists(entry))
                yield return $"{name} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry)))}";
        }
        if (!dataset.EndsWith("/download", StringComparison.Ordinal))
            yield break;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
            yield return $"{dataset}: {entry[folder.Length..]} {(File.Exists(entry) ? IsWhole(entry) : "folder")}";
    }

    private static string IsWhole(string gzip)
    {
        using var file = File.OpenRead(gzip);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        try
        {
            unzipped.CopyTo(Stream.Null);
            return "whole";
        }
        catch (InvalidDataException)
        {
            return "broken";
        }
    }

    private static async Task<string[]> ZfsAsync(CancellationToken cancel, params string[] arguments)
    {
        await using var zfs = OwnedProcess.Start(new ProcessSpec("zfs", arguments, RedirectOutput: true));
        using var reader = new StreamReader(zfs.StandardOutput);
        var output = await reader.ReadToEndAsync(cancel);
        var result = await zfs.Completion.WaitAsync(cancel);
        Assert.True(result.ExitCode == 0, result.StandardError);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Moment();
}
