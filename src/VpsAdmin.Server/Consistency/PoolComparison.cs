using System.Globalization;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Consistency;

/// <summary>Compares what the database says of a pool with what is on it.</summary>
internal static class PoolComparison
{
    public static IEnumerable<Finding> Compare(PoolRows rows, PoolContent there) =>
    [
        .. Missing(rows.Datasets, there.Datasets, FindingKind.DatasetMissing, "is in the database, and there is no such filesystem"),
        .. Unknown(rows.Datasets, there.Datasets, FindingKind.DatasetUnknown, "is a filesystem that the database does not know"),
        .. Missing(rows.Snapshots, there.Snapshots, FindingKind.SnapshotMissing, "is in the database and not in the pool"),
        .. Unknown(rows.Snapshots, there.Snapshots, FindingKind.SnapshotUnknown, "is in the pool and not in the database"),
        .. Downloads(rows, there),
    ];

    private static IEnumerable<Finding> Missing(IReadOnlyList<RowName> rows, IReadOnlyList<string> there, FindingKind kind, string words)
    {
        var names = there.ToHashSet(StringComparer.Ordinal);
        return rows.Where(row => row.IsSettled && !names.Contains(row.Name)).Select(row => new Finding(kind, row.Name, $"{row.Name} {words}."));
    }

    private static IEnumerable<Finding> Unknown(IReadOnlyList<RowName> rows, IReadOnlyList<string> there, FindingKind kind, string words)
    {
        var known = rows.Select(static row => row.Name).ToHashSet(StringComparer.Ordinal);
        return there.Where(name => !known.Contains(name)).Select(name => new Finding(kind, name, $"{name} {words}."));
    }

    private static IEnumerable<Finding> Downloads(PoolRows rows, PoolContent there)
    {
        foreach (var row in rows.Downloads.Where(static row => row.IsSettled))
        {
            var subject = string.Create(CultureInfo.InvariantCulture, $"download {row.Id} ({row.FileName})");
            var file = there.Files.FirstOrDefault(f => f.Folder == row.Folder && f.FileName == row.FileName);
            if (file is null)
                yield return new(FindingKind.DownloadMissing, subject, $"The file of {subject} is not on {rows.Filesystem}.");
            else if (row.Size is { } size && Mebibytes.Floor(file.Bytes) != size)
                yield return new(FindingKind.DownloadDamaged, subject, string.Create(CultureInfo.InvariantCulture, $"The file of {subject} on {rows.Filesystem} has {file.Bytes} bytes, and should have {size} MiB."));
        }
        // Their folders are secrets, which open files: they are not told.
        var known = rows.Downloads.Select(static row => row.Folder).ToHashSet(StringComparer.Ordinal);
        foreach (var file in there.Files.Where(file => !known.Contains(file.Folder)))
            yield return new(FindingKind.DownloadUnknown, file.FileName, $"{file.FileName} in the downloads of {rows.Filesystem} is of no download in the database.");
    }
}
