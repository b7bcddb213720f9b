using System.ComponentModel;
using System.Text;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Backup.Restoring;

/// <summary>Copies one file or folder of a mounted snapshot, under a provisional name first.</summary>
internal sealed class FileCopy(bool sudo)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly bool _sudo = sudo && !Environment.IsPrivilegedProcess;

    /// <summary>Refuses what can be known before anything is mounted.</summary>
    /// <exception cref="RestoreException"><see cref="RestoreFailure.TargetConflict"/></exception>
    public static void CheckTarget(FilesTarget target)
    {
        if (Exists(target.Final) && !(target.Source.IsRoot && IsEmptyFolder(target.Final)))
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{target.Final}' is there already. Restore into another folder, or move it away.");
        if (Exists(Staging(target)))
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{Staging(target)}' is what an interrupted restore left, or another is writing it now. If none is, delete it.");
    }

    /// <param name="top">Where the snapshot is mounted.</param>
    /// <exception cref="RestoreException"/>
    public async Task RunAsync(string top, FilesTarget target, CancellationToken cancel)
    {
        var source = Find(top, target.Source);
        CheckTarget(target);
        var staging = Staging(target);
        Directory.CreateDirectory(Path.GetDirectoryName(staging)!);
        CreatePrivate(staging);
        try
        {
            var copy = Path.Combine(staging, Path.GetFileName(target.Final));
            // -a copies links as links and keeps owners, modes, times, hard links and extended attributes.
            await RequireAsync(["cp", "-a", "--", source, copy], $"'{target.Source}' could not be copied to '{target.Final}'", cancel).ConfigureAwait(false);
            if (IsEmptyFolder(target.Final))
                Directory.Delete(target.Final);
            // Not File.Move: with sudo the copy belongs to others.
            await RequireAsync(["mv", "--", copy, target.Final], $"The copy could not be given its name '{target.Final}'", cancel).ConfigureAwait(false);
        }
        finally
        {
            // Also after a cancellation; cp is gone by then.
            await RunAsync(["rm", "-rf", "--", staging], CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>The path without following a link: one in the snapshot may point anywhere on this machine.</summary>
    private static string Find(string top, SnapshotPath source)
    {
        var path = top;
        foreach (var component in source.Components)
        {
            if (path != top && (File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0)
                throw new RestoreException(RestoreFailure.PathNotFound,
                    $"'{source}' leads through the link '/{Path.GetRelativePath(top, path)}', which is not followed. Restore what it points to: '{new FileInfo(path).LinkTarget}'.");
            path = Path.Combine(path, component);
            if (!Exists(path))
                throw new RestoreException(RestoreFailure.PathNotFound, $"The snapshot has no '/{Path.GetRelativePath(top, path)}'.");
        }
        return path;
    }

    /// <summary>Also a link to nothing exists.</summary>
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static bool IsEmptyFolder(string path) =>
        new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder && !folder.EnumerateFileSystemInfos().Any();

    /// <summary>Beside the final name, so that giving that is one step.</summary>
    private static string Staging(FilesTarget target) => Path.Combine(Path.GetDirectoryName(target.Final)!, $".{Path.GetFileName(target.Final)}.part");

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly);
    }

    private async Task RequireAsync(IReadOnlyList<string> command, string failure, CancellationToken cancel)
    {
        var result = await RunAsync(command, cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new RestoreException(RestoreFailure.CopyFailed, new StringBuilder(failure).Append(": ").Append(result.StandardError.Replace('\n', ' ')).ToString());
    }

    private async Task<ProcessResult> RunAsync(IReadOnlyList<string> command, CancellationToken cancel)
    {
        IReadOnlyList<string> line = _sudo ? ["sudo", "-n", .. command] : command;
        try
        {
            var process = OwnedProcess.Start(new ProcessSpec(line[0], [.. line.Skip(1)]));
            await using (process.ConfigureAwait(false))
                return await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw new RestoreException(RestoreFailure.CopyFailed, $"'{line[0]}' cannot be started: {e.Message}", e);
        }
    }
}
