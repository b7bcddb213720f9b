using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.PS.Transfers;

/// <summary>Where files go: one file, or a folder for any number of them. Safe for concurrent saves.</summary>
internal sealed class SaveDestination
{
    private readonly string _path;
    private readonly bool _isFolder;
    private readonly bool _overwrite;
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private bool _isClaimed;

    private SaveDestination(string path, bool isFolder, bool overwrite)
    {
        _path = path;
        _isFolder = isFolder;
        _overwrite = overwrite;
    }

    /// <summary>Refuses before anything is asked of the server (BUG-24).</summary>
    /// <param name="count">Snapshots that are known to come.</param>
    /// <exception cref="VpsAdminException">The file is there, or its folder is not, or it is one file for several.</exception>
    /// <exception cref="TransferException">What is there is no file, so that it is not overwritten either.</exception>
    public static SaveDestination At(string path, bool overwrite, bool resume, int count = 1)
    {
        if (Directory.Exists(path))
            return new SaveDestination(path, isFolder: true, overwrite);
        if (Path.EndsInDirectorySeparator(path) || !Directory.Exists(Path.GetDirectoryName(path)))
            throw new VpsAdminException(Errors.FolderNotFound, $"There is no folder for '{path}'.", path);
        if (count > 1)
            throw SeveralInOne(path);
        RefuseExisting(path, overwrite, resume);
        TargetFile.RefuseOccupied(path, overwrite);
        return new SaveDestination(path, isFolder: false, overwrite);
    }

    /// <summary>Called once for each snapshot: two of them in one file would overwrite each other.</summary>
    /// <exception cref="VpsAdminException">The one file is taken.</exception>
    public void Claim()
    {
        if (_isClaimed && !_isFolder)
            throw SeveralInOne(_path);
        _isClaimed = true;
    }

    /// <summary>What an interrupted run left of this file, or of this export in the folder; null when nothing.</summary>
    public UnfinishedTransfer? FindUnfinished(ExportRequest request) => _isFolder
        ? UnfinishedTransfer.Find(_path, recurse: false).FirstOrDefault(t => t.IsOf(request))
        : UnfinishedTransfer.TryRead(_path);

    /// <param name="serverName">What the server calls its file; not trusted (BUG-29).</param>
    /// <exception cref="TransferException">It is no usable name.</exception>
    /// <exception cref="VpsAdminException">The file is there; or another snapshot of this command has it already: names of different datasets may be one.</exception>
    public string FileFor(string serverName)
    {
        if (!_isFolder)
            return _path;
        var file = Path.Combine(_path, SafeFileName.From(serverName));
        lock (_files)
        {
            if (!_files.Add(file))
                throw SeveralInOne(file);
        }
        RefuseExisting(file, _overwrite, resume: true);
        return file;
    }

    public override string ToString() => _path;

    private static VpsAdminException SeveralInOne(string path) =>
        new(Errors.InvalidCombination, $"Several snapshots cannot be saved in the one file '{path}': name a folder.", path);

    private static void RefuseExisting(string path, bool overwrite, bool resume)
    {
        if (overwrite)
            return;
        if (File.Exists(path))
            throw new VpsAdminException(Errors.TargetExists, $"'{path}' is there already.", path);
        if (!resume && File.Exists(path + ".part"))
            throw new VpsAdminException(Errors.TargetExists, $"'{path}.part' of an interrupted run is there.", path);
    }
}
