namespace VpsAdmin.Zfs;

/// <summary>The full name of a snapshot, <c>pool/path@name</c>.</summary>
/// <param name="Dataset">Full dataset name, without the <c>@</c>.</param>
/// <param name="Name">The part behind the <c>@</c>.</param>
public readonly record struct SnapshotName(string Dataset, string Name)
{
    /// <summary>Reads <c>dataset@name</c>.</summary>
    /// <exception cref="FormatException">The text is not a valid full snapshot name.</exception>
    public static SnapshotName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a ZFS snapshot name (dataset@snapshot).");

    public static bool TryParse(string text, out SnapshotName name)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        name = at < 0 ? default : new SnapshotName(text[..at], text[(at + 1)..]);
        return at >= 0 && name.IsValid;
    }

    /// <summary>Whether ZFS could have a snapshot of this name; the parts are not checked by the constructor.</summary>
    public bool IsValid =>
        Dataset is not null && Name is not null
        && Dataset.Length + 1 + Name.Length <= ZfsName.MaxLength
        && ZfsName.IsDataset(Dataset) && ZfsName.IsSnapshot(Name);

    public override string ToString() => $"{Dataset}@{Name}";
}
