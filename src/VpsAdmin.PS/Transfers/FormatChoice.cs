using VpsAdmin.Client;

namespace VpsAdmin.PS.Transfers;

internal static class FormatChoice
{
    /// <summary>A base makes an incremental stream of it, unless another format was asked for, which is refused.</summary>
    /// <param name="isGiven">The user named the format.</param>
    /// <exception cref="VpsAdminException">They do not go together.</exception>
    public static ExportFormat Of(ExportFormat format, bool isGiven, long? fromSnapshot)
    {
        if (fromSnapshot is not null && !isGiven)
            return ExportFormat.IncrementalStream;
        return fromSnapshot is not null == (format == ExportFormat.IncrementalStream)
            ? format
            : throw new VpsAdminException(Errors.InvalidCombination, "An incremental stream needs -FromSnapshot, and the other formats have none.", format);
    }

    /// <summary>What the server would refuse only when it makes the file, after one that is in the way has been removed for it.</summary>
    /// <exception cref="VpsAdminException">The base is the snapshot itself.</exception>
    public static void CheckBase(long snapshot, long? fromSnapshot)
    {
        if (snapshot == fromSnapshot)
            throw new VpsAdminException(Errors.InvalidCombination, $"Nothing follows snapshot {snapshot} up to itself: -FromSnapshot is an older one.", snapshot);
    }
}
