namespace VpsAdmin.Zfs;

/// <summary>A filesystem as <c>zfs get</c> shows it.</summary>
/// <param name="Mountpoint">Folder where it is or would be mounted; null for <c>none</c> and <c>legacy</c>.</param>
/// <param name="Referenced">Bytes that the filesystem itself refers to.</param>
/// <param name="Origin">The snapshot that this is a clone of; null: it is none.</param>
public sealed record ZfsDataset(
    string Name, string? Mountpoint, bool IsMounted, bool IsReadOnly, long Used, long Referenced, long Available, SnapshotName? Origin = null);
