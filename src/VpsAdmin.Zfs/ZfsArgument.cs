namespace VpsAdmin.Zfs;

/// <summary>The last check of a name or value before it becomes an argument of a command.</summary>
internal static class ZfsArgument
{
    // ZFS_MAXPROPLEN of the oldest supported implementation, less the terminating zero.
    private const int MaxValueLength = 1023;

    internal static string Dataset(string name) =>
        ZfsName.IsDataset(name) ? name : throw new ArgumentException($"'{name}' is not a ZFS dataset name.", nameof(name));

    internal static string Snapshot(SnapshotName name) =>
        name.IsValid ? name.ToString() : throw new ArgumentException($"'{name}' is not a ZFS snapshot name.", nameof(name));

    internal static string DatasetOrSnapshot(string name) =>
        SnapshotName.TryParse(name, out _) ? name : Dataset(name);

    /// <summary>Of a hold: a name of the user's choice, which is no option.</summary>
    internal static string Tag(string tag) =>
        ZfsName.IsComponent(tag) && char.IsAsciiLetterOrDigit(tag[0]) ? tag : throw new ArgumentException($"'{tag}' is not a tag of a ZFS hold.", nameof(tag));

    internal static string Token(string token) =>
        token.Length > 0 && token.All(static c => char.IsAsciiHexDigitLower(c) || c == '-') && token[0] != '-'
            ? token
            : throw new ArgumentException("This is not a resume token of zfs.", nameof(token));

    internal static string Property(string name) =>
        ZfsName.IsProperty(name) ? name : throw new ArgumentException($"'{name}' is not a ZFS property name.", nameof(name));

    internal static string Assignment(string property, string value)
    {
        if (value.Length > MaxValueLength || value.Any(char.IsControl))
            throw new ArgumentException($"The value of property '{property}' is too long or has control characters in it.", nameof(value));
        return $"{Property(property)}={value}";
    }

    /// <summary><c>-o property=value</c> for each property.</summary>
    internal static IEnumerable<string> Options(IReadOnlyDictionary<string, string>? properties) =>
        (properties ?? new Dictionary<string, string>()).SelectMany(p => new[] { "-o", Assignment(p.Key, p.Value) });
}
