using System.Formats.Tar;
using System.IO.Compression;

namespace VpsAdmin.Node.Runtime;

/// <summary>
/// Lets through of a downloaded root filesystem what a system consists of. Devices are left out: a VPS gets its own from LXC, and its root may make none.
/// </summary>
internal static class RootArchive
{
    /// <exception cref="TransactionException">The archive is damaged, or an entry of it is to lie outside of the root filesystem.</exception>
    public static async Task CopyAsync(string archive, Stream target, CancellationToken cancel)
    {
        var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var _ = file.ConfigureAwait(false);
        var plain = archive.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        await using var __ = plain.ConfigureAwait(false);
        var reader = new TarReader(plain);
        await using var ___ = reader.ConfigureAwait(false);
        var writer = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        await using var ____ = writer.ConfigureAwait(false);
        try
        {
            while (await reader.GetNextEntryAsync(copyData: false, cancel).ConfigureAwait(false) is { } entry)
            {
                if (Judge(entry.EntryType, entry.Name, entry.LinkName) is { } fault)
                    throw new TransactionException($"{Path.GetFileName(archive)} is not unpacked: {fault}.");
                if (!IsDevice(entry.EntryType))
                    await writer.WriteEntryAsync(entry, cancel).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new TransactionException($"{Path.GetFileName(archive)} is not unpacked, as it is damaged: {e.Message}", e);
        }
    }

    /// <summary>Why an entry may not be unpacked; null: it may.</summary>
    /// <remarks>
    /// Where a symbolic link points is a matter of the system's own, who may have it point anywhere. That nothing is written through one is seen
    /// to by who unpacks: tar makes links last, and is nobody outside of the root filesystem.
    /// </remarks>
    public static string? Judge(TarEntryType type, string name, string linkName) =>
        type is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile or TarEntryType.Directory or TarEntryType.DirectoryList
            or TarEntryType.SymbolicLink or TarEntryType.HardLink or TarEntryType.GlobalExtendedAttributes) && !IsDevice(type) ? $"'{name}' is of the kind {type}"
        : !IsInside(name) ? $"'{name}' is not a place inside of a root filesystem"
        : type is TarEntryType.HardLink && !IsInside(linkName) ? $"'{name}' is a link to '{linkName}', which is outside"
        : null;

    private static bool IsDevice(TarEntryType type) => type is TarEntryType.BlockDevice or TarEntryType.CharacterDevice or TarEntryType.Fifo;

    private static bool IsInside(string name) => name.Length > 0 && name[0] != '/' && !name.Split('/').Contains("..") && !name.Contains('\0', StringComparison.Ordinal);
}
