namespace VpsAdmin.Zfs;

/// <summary>A snapshot as <c>zfs get</c> shows it.</summary>
/// <param name="Guid">The same in every copy of the snapshot, wherever it was received.</param>
/// <param name="Creation">UTC, whole seconds.</param>
/// <param name="CreateTxg">Orders the snapshots of one dataset exactly; <paramref name="Creation"/> may tie.</param>
/// <param name="Holds">Number of user holds; a held snapshot cannot be destroyed.</param>
/// <param name="Referenced">Bytes.</param>
public sealed record ZfsSnapshot(SnapshotName Name, ulong Guid, DateTimeOffset Creation, ulong CreateTxg, int Holds, long Referenced);
