using System.Globalization;

namespace VpsAdmin.Zfs;

/// <summary>Parsers of what <c>zfs get -Hp -o name,property,value</c> and <c>zfs send -nP</c> print. Numbers are exact there.</summary>
/// <remarks>All throw <see cref="FormatException"/> for text that the commands do not print.</remarks>
internal static class ZfsOutput
{
    internal const string FilesystemProperties = "type,mountpoint,mounted,readonly,used,referenced,available,origin";

    /// <summary>Of <see cref="DateTimeOffset"/>, in seconds: a damaged pool may say more.</summary>
    private static readonly long LatestTime = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    // The type is asked for to tell the snapshots of volumes from those of filesystems.
    internal const string SnapshotProperties = "type,guid,creation,createtxg,userrefs,referenced";

    /// <summary>Datasets in the order printed, each with its properties; <c>get</c> prints the rows of a dataset together.</summary>
    internal static IEnumerable<(string Name, IReadOnlyDictionary<string, string> Properties)> Datasets(string text)
    {
        string? name = null;
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t', 3);
            if (fields.Length < 3)
                throw new FormatException($"zfs get printed '{line}' where a name, a property and a value are expected.");
            if (fields[0] != name)
            {
                if (name is not null)
                    yield return (name, properties);
                name = fields[0];
                properties = new Dictionary<string, string>(StringComparer.Ordinal);
            }
            properties[fields[1]] = fields[2];
        }
        if (name is not null)
            yield return (name, properties);
    }

    internal static IReadOnlyList<ZfsDataset> Filesystems(string text) =>
        [.. Datasets(text).Where(static d => Text(d, "type") == "filesystem").Select(Filesystem)];

    /// <summary>Snapshots of filesystems, grouped by dataset and oldest first; other rows are left out.</summary>
    internal static IReadOnlyList<ZfsSnapshot> Snapshots(string text)
    {
        var snapshots = new List<ZfsSnapshot>();
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var dataset in Datasets(text))
        {
            switch (Text(dataset, "type"))
            {
                case "volume":
                    volumes.Add(dataset.Name);
                    break;
                case "snapshot":
                    snapshots.Add(Snapshot(dataset));
                    break;
            }
        }
        return [.. snapshots
            .Where(s => !volumes.Contains(s.Name.Dataset))
            .GroupBy(static s => s.Name.Dataset, StringComparer.Ordinal)
            .SelectMany(static group => group.OrderBy(static s => s.CreateTxg))];
    }

    /// <summary>Rows of two columns, as <c>get -o name,value</c> prints them. A row without a second column is the rest of a value of several lines.</summary>
    internal static IReadOnlyDictionary<string, string> Pairs(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (row.Split('\t', 2) is [var name, var value] && !pairs.TryAdd(name, value))
                throw new FormatException($"zfs get printed '{name}' twice: a value may have a line like '{row}' in it.");
        }
        return pairs;
    }

    /// <summary>Rows of three columns, as <c>get -o name,property,value</c> prints them. A row of fewer is the rest of a value of several lines.</summary>
    internal static IReadOnlyDictionary<(string Dataset, string Property), string> Triples(string text)
    {
        var triples = new Dictionary<(string, string), string>();
        foreach (var row in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (row.Split('\t', 3) is [var name, var property, var value] && !triples.TryAdd((name, property), value))
                throw new FormatException($"zfs get printed '{property}' of '{name}' twice: a value may have a line like '{row}' in it.");
        }
        return triples;
    }

    /// <summary>The <c>size</c> line of <c>send -nP</c>; null when there is none.</summary>
    internal static long? SendSize(string text)
    {
        var size = text.Split('\n').LastOrDefault(static line => line.StartsWith("size\t", StringComparison.Ordinal));
        return size is null ? null : Number(size["size\t".Length..], "size");
    }

    private static ZfsDataset Filesystem((string Name, IReadOnlyDictionary<string, string> Properties) dataset)
    {
        var mountpoint = Text(dataset, "mountpoint");
        return new ZfsDataset(
            dataset.Name,
            mountpoint.StartsWith('/') ? mountpoint : null,
            IsMounted: Text(dataset, "mounted") == "yes",
            IsReadOnly: Text(dataset, "readonly") == "on",
            Number(dataset, "used"),
            Number(dataset, "referenced"),
            Number(dataset, "available"),
            dataset.Properties.TryGetValue("origin", out var origin) && SnapshotName.TryParse(origin, out var snapshot) ? snapshot : null);
    }

    private static ZfsSnapshot Snapshot((string Name, IReadOnlyDictionary<string, string>) dataset)
    {
        var at = dataset.Name.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            throw new FormatException($"zfs get calls '{dataset.Name}' a snapshot.");
        return new ZfsSnapshot(
            new SnapshotName(dataset.Name[..at], dataset.Name[(at + 1)..]),
            UnsignedNumber(dataset, "guid"),
            DateTimeOffset.FromUnixTimeSeconds(Number(dataset, "creation", LatestTime)),
            UnsignedNumber(dataset, "createtxg"),
            // Pools older than version 18 know no holds.
            Holds: Text(dataset, "userrefs") == "-" ? 0 : (int)Number(dataset, "userrefs", int.MaxValue),
            Number(dataset, "referenced"));
    }

    private static string Text((string Name, IReadOnlyDictionary<string, string> Properties) dataset, string property) =>
        dataset.Properties.TryGetValue(property, out var value)
            ? value
            : throw new FormatException($"zfs get printed no {property} of '{dataset.Name}'.");

    private static long Number((string Name, IReadOnlyDictionary<string, string>) dataset, string property, long most = long.MaxValue) =>
        Number(Text(dataset, property), $"{property} of '{dataset.Name}'", most);

    private static long Number(string text, string what, long most = long.MaxValue) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new FormatException($"zfs printed '{text}' as the {what}: not a whole number, or none that it can be.");

    private static ulong UnsignedNumber((string Name, IReadOnlyDictionary<string, string>) dataset, string property) =>
        ulong.TryParse(Text(dataset, property), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"zfs printed '{Text(dataset, property)}' as the {property} of '{dataset.Name}': not a whole number.");
}
