namespace VpsAdmin.Server.Consistency;

/// <summary>What the database says of one pool.</summary>
/// <param name="Filesystem">Of the pool.</param>
/// <param name="Datasets">Filesystems of datasets, trees and branches.</param>
/// <param name="Snapshots">Such as <c>tank/vps/101@2026-03-02T00:00:00</c>.</param>
internal sealed record PoolRows(string Filesystem, IReadOnlyList<RowName> Datasets, IReadOnlyList<RowName> Snapshots, IReadOnlyList<DownloadRow> Downloads);

/// <param name="IsSettled">False: a chain makes or removes it, so that it may be there or not.</param>
internal sealed record RowName(string Name, bool IsSettled);

/// <param name="Folder">Its secret.</param>
/// <param name="Size">MiB, rounded down; null while it is being made.</param>
internal sealed record DownloadRow(long Id, string Folder, string FileName, long? Size, bool IsSettled);

/// <summary>What is on one pool.</summary>
/// <param name="Files">In the folder of downloads; null: the pool never had any.</param>
internal sealed record PoolContent(IReadOnlyList<string> Datasets, IReadOnlyList<string> Snapshots, IReadOnlyList<DownloadFileThere> Files);

/// <param name="Folder">Below that of all downloads.</param>
/// <param name="Bytes">Of the file.</param>
internal sealed record DownloadFileThere(string Folder, string FileName, long Bytes);
