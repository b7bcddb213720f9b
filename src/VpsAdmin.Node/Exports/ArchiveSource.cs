using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// <c>tar</c> of a snapshot's files. Members begin with <c>./</c> as in today's vpsAdmin (2.3.0 began them with the snapshot's name):
/// unpacking restores mode and owner of the top folder too.
/// </summary>
internal sealed class ArchiveSource : ISnapshotSource
{
    private readonly SnapshotClone _clone;
    private readonly OwnedProcess _tar;

    private ArchiveSource(SnapshotClone clone, OwnedProcess tar)
    {
        _clone = clone;
        _tar = tar;
    }

    public static async Task<ArchiveSource> StartAsync(SnapshotClone clone, SnapshotName snapshot, CancellationToken cancel)
    {
        try
        {
            var folder = await clone.MountAsync(snapshot, cancel).ConfigureAwait(false);
            return new ArchiveSource(clone, OwnedProcess.Start(new ProcessSpec("tar", Arguments(folder), RedirectOutput: true)));
        }
        catch
        {
            await clone.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Stream Output => _tar.StandardOutput;

    public void Observe(ReadOnlySpan<byte> bytes)
    {
        // tar's own end is its exit status.
    }

    public async Task VerifyAsync(CancellationToken cancel)
    {
        var result = await _tar.Completion.WaitAsync(cancel).ConfigureAwait(false);
        // 1 is "some files differ": files of a snapshot cannot change while they are read. Words alone are no failure: sockets are left out.
        if (result.ExitCode != 0)
        {
            throw new TransactionException(
                $"'{string.Join(' ', _tar.Command)}' failed with status {result.ExitCode}: {result.StandardError.Trim()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync().ConfigureAwait(false);
        await _clone.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// A VPS has users of its own: the names that this host knows for their numbers must not travel (<c>--numeric-owner</c>). Times of
    /// access and change would only make unequal archives of equal files.
    /// </summary>
    private static string[] Arguments(string folder) =>
    [
        "--create", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner", "--acls", "--xattrs",
        "--directory", folder, ".",
    ];
}
