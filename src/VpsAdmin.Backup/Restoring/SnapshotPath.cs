namespace VpsAdmin.Backup.Restoring;

/// <summary>A path inside a snapshot, with slashes, from its top; never one that leads out of it.</summary>
public sealed record SnapshotPath
{
    private SnapshotPath(IReadOnlyList<string> components) => Components = components;

    public IReadOnlyList<string> Components { get; }

    public bool IsRoot => Components.Count == 0;

    /// <summary>The last component.</summary>
    public string Leaf => Components[^1];

    /// <summary>Slashes at the beginning and the end do not matter; empty is the top.</summary>
    /// <exception cref="RestoreException"><see cref="RestoreFailure.PathNotFound"/>: it has <c>.</c>, <c>..</c> or a character that no name has.</exception>
    public static SnapshotPath Parse(string path)
    {
        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return components.Any(static c => c is "." or ".." || c.Contains('\0', StringComparison.Ordinal))
            ? throw new RestoreException(RestoreFailure.PathNotFound, $"'{path}' is not a path inside a snapshot: give it from the snapshot's top, without '.' and '..'.")
            : new SnapshotPath(components);
    }

    public override string ToString() => "/" + string.Join('/', Components);
}
