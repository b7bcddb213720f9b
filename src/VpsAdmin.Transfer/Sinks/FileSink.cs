using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// <c>NAME.part</c> beside the target with a JSON sidecar <c>NAME.part.json</c> that names the download; fsync, rename, fsync of the folder.
/// </summary>
/// <param name="path">Full path of the final file.</param>
/// <param name="overwrite">
/// Replace an existing final file at commit, and a part that cannot be continued at once.
/// </param>
/// <param name="resume">Continue an existing part of the same download; false: an existing part is refused unless <paramref name="overwrite"/>.</param>
public sealed class FileSink(string path, bool overwrite, bool resume) : TransferSink
{
    private const int RehashBlock = 1024 * 1024;

    private readonly string _part = path + ".part";
    private readonly string _sidecar = path + ".part.json";
    private SafeFileHandle? _file;
    private long _length;

    public override async Task<long> OpenAsync(IExport export, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentNullException.ThrowIfNull(hash);
        RefuseOccupiedTarget();
        var state = await export.ReadStateAsync(cancel).ConfigureAwait(false);
        var record = PartRecord.Of(export.Id, state.Url);
        var isOurs = MayContinue(record);
        _file = OpenPart();
        if (isOurs)
            await RehashAsync(_file, hash, cancel).ConfigureAwait(false);
        else
            Begin(record);
        return _length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancel)
    {
        try
        {
            await RandomAccess.WriteAsync(_file!, compressed, _length, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new TransferException(TransferFailure.SinkFailed,
                $"'{_part}' cannot be written: {e.Message} What is there is kept; a later run continues it.", e);
        }
        _length += compressed.Length;
    }

    public override Task<bool> RestartAsync(CancellationToken cancel)
    {
        Truncate();
        return Task.FromResult(true);
    }

    public override Task CommitAsync(CancellationToken cancel)
    {
        RandomAccess.FlushToDisk(_file!);
        ClosePart();
        try
        {
            File.Move(_part, path, overwrite);
        }
        catch (IOException e) when (!overwrite && File.Exists(path))
        {
            throw new TransferException(TransferFailure.TargetConflict,
                $"'{path}' appeared during the transfer and is left alone. The verified data is in '{_part}'.", e);
        }
        UnixFile.FlushFolder(Folder);
        File.Delete(_sidecar);
        return Task.CompletedTask;
    }

    public override Task AbortAsync(bool keepPart)
    {
        // Without the handle the part was never ours: another run's, or another download's.
        if (_file is null)
            return Task.CompletedTask;
        var isWorthKeeping = keepPart && _length > 0;
        if (!_file.IsClosed)
        {
            if (isWorthKeeping)
                RandomAccess.FlushToDisk(_file);
            ClosePart();
        }
        if (!isWorthKeeping)
        {
            File.Delete(_part);
            File.Delete(_sidecar);
        }
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        ClosePart();
        return ValueTask.CompletedTask;
    }

    private string Folder => Path.GetDirectoryName(path)!;

    /// <summary>Before anything is touched (BUG-24).</summary>
    private void RefuseOccupiedTarget()
    {
        if (Directory.Exists(path))
            throw Conflict($"'{path}' is a folder. Name a file.");
        if (IsLink(path))
            throw Conflict($"'{path}' is a link. Name the file itself.");
        if (UnixFile.IsSpecial(path))
            throw Conflict($"'{path}' is a device or a pipe. Name a file.");
        if (File.Exists(path) && !overwrite)
            throw Conflict($"'{path}' exists. Overwrite it explicitly, or name another file.");
    }

    /// <returns>True to continue the part, false to begin at zero.</returns>
    private bool MayContinue(PartRecord record)
    {
        if (IsLink(_part))
            throw Conflict($"'{_part}' is a link, which this program never makes. Remove it.");
        if (UnixFile.IsSpecial(_part))
            throw Conflict($"'{_part}' is not a file. Remove it, or name another file.");
        var part = new FileInfo(_part);
        if (!part.Exists || part.Length == 0)
            return false;
        var found = PartRecord.TryRead(_sidecar);
        var isSame = found?.IsOfSameDownload(record) == true;
        if (isSame && resume)
            return true;
        if (overwrite)
            return false;
        throw Conflict(isSame
            ? $"'{_part}' holds {part.Length} bytes of this download. Resume it, or overwrite it explicitly."
            : $"'{_part}' belongs to {(found is null ? "an unknown download" : $"download {found.DownloadId}")}, not to download {record.DownloadId} of this server. "
                + "Remove it or overwrite it explicitly, or name another file.");
    }

    private SafeFileHandle OpenPart()
    {
        try
        {
            // Share.None locks the part against a second run of this program.
            return File.OpenHandle(_part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        }
        catch (IOException e) when (File.Exists(_part))
        {
            throw new TransferException(TransferFailure.TargetConflict, $"'{_part}' is being written by another process: {e.Message}", e);
        }
    }

    private async Task RehashAsync(SafeFileHandle file, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel)
    {
        // Known before the first wait: a part whose rehash is cancelled is as valuable as before.
        _length = RandomAccess.GetLength(file);
        var buffer = ArrayPool<byte>.Shared.Rent(RehashBlock);
        try
        {
            for (long offset = 0; offset < _length;)
            {
                var read = await RandomAccess.ReadAsync(file, buffer, offset, cancel).ConfigureAwait(false);
                if (read == 0)
                    throw new EndOfStreamException($"'{_part}' became shorter while it was read.");
                hash(buffer.AsMemory(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Begin(PartRecord record)
    {
        Truncate();
        record.Write(_sidecar);
        UnixFile.FlushFolder(Folder);
    }

    private void Truncate()
    {
        RandomAccess.SetLength(_file!, 0);
        _length = 0;
    }

    private void ClosePart() => _file?.Dispose();

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static TransferException Conflict(string message) => new(TransferFailure.TargetConflict, message);
}
