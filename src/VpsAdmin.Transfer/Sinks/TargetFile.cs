namespace VpsAdmin.Transfer.Sinks;

/// <summary>What stands where a file shall be.</summary>
public static class TargetFile
{
    /// <summary>To be called before anything is touched (BUG-24): what is renamed over a folder, link or device later takes its place.</summary>
    /// <param name="path">Full path of the final file.</param>
    /// <param name="overwrite">A file may be there.</param>
    /// <exception cref="TransferException"><see cref="TransferFailure.TargetConflict"/>.</exception>
    public static void RefuseOccupied(string path, bool overwrite)
    {
        if (Directory.Exists(path))
            throw Conflict($"'{path}' is a folder. Name a file.");
        if (new FileInfo(path).LinkTarget is not null)
            throw Conflict($"'{path}' is a link. Name the file itself.");
        if (UnixFile.IsSpecial(path))
            throw Conflict($"'{path}' is a device or a pipe. Name a file.");
        if (File.Exists(path) && !overwrite)
            throw Conflict($"'{path}' exists. Overwrite it explicitly, or name another file.");
    }

    private static TransferException Conflict(string message) => new(TransferFailure.TargetConflict, message);
}
