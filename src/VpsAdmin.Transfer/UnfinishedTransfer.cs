using VpsAdmin.Client;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer;

/// <summary>A download to a file that was interrupted and can be continued, as its part and its sidecar tell.</summary>
/// <param name="Path">Full path of the file that it would become.</param>
/// <param name="DownloadId">On the server that it comes from.</param>
/// <param name="FromSnapshotId">Base of an incremental stream; null otherwise.</param>
/// <param name="Bytes">That are here.</param>
/// <param name="BytesTotal">Null unless the server's file was complete already.</param>
/// <param name="LastWritten">UTC.</param>
public sealed record UnfinishedTransfer(
    string Path, long DownloadId, long SnapshotId, long? FromSnapshotId, ExportFormat Format, long Bytes, long? BytesTotal, DateTimeOffset LastWritten)
{
    /// <summary>The bytes that are here.</summary>
    public string PartPath => Sinks.PartPath.Of(Path);

    /// <summary>What it would be downloaded with again.</summary>
    public ExportRequest Request => new(SnapshotId, FromSnapshotId, Format);

    /// <summary>Those of a folder, by name. Links are not followed.</summary>
    /// <exception cref="DirectoryNotFoundException"/>
    public static IEnumerable<UnfinishedTransfer> Find(string folder, bool recurse)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = recurse, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.EnumerateFiles(folder, Sinks.PartPath.SidecarPattern, options)
            .Order(StringComparer.Ordinal)
            .Select(static sidecar => TryRead(Sinks.PartPath.TargetOf(sidecar)))
            .OfType<UnfinishedTransfer>();
    }

    /// <summary>Null when there is none of this file, or nobody knows what it is of.</summary>
    /// <param name="path">Full path of the file that it would become.</param>
    public static UnfinishedTransfer? TryRead(string path)
    {
        var part = new FileInfo(Sinks.PartPath.Of(path));
        return part is { Exists: true, LinkTarget: null } && PartRecord.TryRead(Sinks.PartPath.SidecarOf(path)) is { SnapshotId: { } snapshot, Format: { } format } record
            ? new UnfinishedTransfer(path, record.DownloadId, snapshot, record.FromSnapshotId, format, part.Length, record.Remote?.Length, part.LastWriteTimeUtc)
            : null;
    }

    public bool IsOf(ExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (SnapshotId, FromSnapshotId, Format) == (request.SnapshotId, request.FromSnapshotId, request.Format);
    }

    /// <summary>It is a part of this one. Ids are unique on one server only: the secret of the address tells.</summary>
    public bool IsOf(SnapshotDownload download)
    {
        ArgumentNullException.ThrowIfNull(download);
        return PartRecord.TryRead(Sinks.PartPath.SidecarOf(Path))?.IsOf(download.Id, download.Url) == true;
    }

    /// <summary>Removes the part and its sidecar; not the server's file.</summary>
    /// <exception cref="TransferException"><see cref="TransferFailure.TargetConflict"/> when it is being written, or has become another's.</exception>
    /// <exception cref="IOException"/>
    public void Remove()
    {
        if (!File.Exists(PartPath))
            return;
        var part = PartFile.Open(PartPath, create: false);
        try
        {
            if (PartRecord.TryRead(Sinks.PartPath.SidecarOf(Path))?.DownloadId != DownloadId)
                throw new TransferException(TransferFailure.TargetConflict, $"'{PartPath}' is not of download {DownloadId} any more. It is kept.");
            if (OperatingSystem.IsWindows())
                PartFile.Close(part);
            File.Delete(PartPath);
            PartRecord.Delete(Sinks.PartPath.SidecarOf(Path));
        }
        finally
        {
            PartFile.Close(part);
        }
    }

    public override string ToString() => PartPath;
}
