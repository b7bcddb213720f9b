using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Transfers;

/// <summary>Unfinished downloads, by paths.</summary>
internal static class UnfinishedFinder
{
    /// <summary>Those in a folder, else the one of a file. The names of the part and of its sidecar mean the same download.</summary>
    /// <param name="path">Full.</param>
    /// <param name="recurse">Look into folders below as well.</param>
    /// <exception cref="VpsAdminException">There is none of this file; a folder may have none.</exception>
    public static IEnumerable<UnfinishedTransfer> Find(string path, bool recurse)
    {
        if (Directory.Exists(path))
            return UnfinishedTransfer.Find(path, recurse);
        var found = new[] { path, TrimEnd(path, ".part"), TrimEnd(path, ".part.json") }.Select(UnfinishedTransfer.TryRead).FirstOrDefault(static t => t is not null);
        return [found ?? throw new VpsAdminException(Errors.TransferNotFound, $"There is no unfinished download of '{path}'.", path)];
    }

    private static string TrimEnd(string path, string ending) => path.EndsWith(ending, StringComparison.Ordinal) ? path[..^ending.Length] : path;
}
