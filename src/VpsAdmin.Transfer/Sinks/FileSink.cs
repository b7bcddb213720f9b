using System.Buffers;
using Microsoft.Win32.SafeHandles;
using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// <c>NAME.part</c> beside the target with a JSON sidecar <c>NAME.part.json</c>, which names the download and what of it is known to be sound;
/// fsync, rename, fsync of the folder. Another run, in another process, continues whatever a kill at any byte leaves.
/// </summary>
/// <param name="path">Full path of the final file.</param>
/// <param name="overwrite">
/// Replace an existing final file at commit, and a part that cannot be continued at once.
/// </param>
/// <param name="resume">Continue an existing part of the same download; false: an existing part is refused unless <paramref name="overwrite"/>.</param>
/// <param name="request">What the export is of, for the sidecar; null: it is not told.</param>
public sealed class FileSink(string path, bool overwrite, bool resume, ExportRequest? request = null) : TransferSink, IStoredSink
{
    private const int CheckBlock = 1 << 20;

    private readonly string _part = PartPath.Of(path);
    private readonly string _sidecar = PartPath.SidecarOf(path);
    private SafeFileHandle? _file;
    private long _length;
    private PartRecord? _record;
    private ChunkDigests _chunks = null!;
    private StoredChunks _stored = null!;
    private RemoteFile? _remote;
    private Task _recording = Task.CompletedTask;

    StoredChunks IStoredSink.Stored => _stored;

    RemoteFile? IStoredSink.Remote => _remote;

    void IStoredSink.Learn(RemoteFile remote) => _remote = remote;

    public override async Task<long> OpenAsync(IExport export, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(export);
        TargetFile.RefuseOccupied(path, overwrite);
        var state = await export.ReadStateAsync(cancel).ConfigureAwait(false);
        var record = PartRecord.Of(export.Id, state, request);
        var found = FindContinuable(export.Id, state.Url);
        _file = PartFile.Open(_part);
        if (found is null)
            Begin(record);
        else
            await ContinueAsync(found, cancel).ConfigureAwait(false);
        return _length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            // Nothing but a thread of the pool waits in WriteAsync either, only another one; to wake it costs more than the writing.
            RandomAccess.Write(_file!, compressed.Span, _length);
        }
        catch (IOException e)
        {
            throw new TransferException(TransferFailure.SinkFailed,
                $"'{_part}' cannot be written: {e.Message}. What is there is kept; a later run continues it.", e);
        }
        _length += compressed.Length;
        if (_chunks.Append(compressed.Span))
            RecordBeside();
        return ValueTask.CompletedTask;
    }

    ValueTask<int> IStoredSink.ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancel) => RandomAccess.ReadAsync(_file!, buffer, offset, cancel);

    ValueTask IStoredSink.RepairAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancel) => RandomAccess.WriteAsync(_file!, bytes, offset, cancel);

    public override async Task<bool> RestartAsync(CancellationToken cancel)
    {
        await _recording.ConfigureAwait(false);
        Begin(_record!);
        return true;
    }

    public override async Task CommitAsync(CancellationToken cancel)
    {
        // Synchronising may take long: whoever is killed in it finds all of the part recorded.
        await RecordAllAsync().ConfigureAwait(false);
        RandomAccess.FlushToDisk(_file!);
        try
        {
            Rename();
        }
        catch (IOException e) when (!overwrite && File.Exists(path))
        {
            throw new TransferException(TransferFailure.TargetConflict,
                $"'{path}' appeared during the transfer and is left alone. The verified data is in '{_part}'.", e);
        }
        UnixFile.FlushFolder(Folder);
        PartRecord.Delete(_sidecar);
    }

    public override async Task AbortAsync(bool keepPart)
    {
        // Without a record the part was never ours: another run's, or another download's. Closed, it is the finished file.
        if (_record is null || _file is not { IsClosed: false })
            return;
        // A part is not synchronised: somebody may wait for the program to be gone, and the digests tell what did not reach the disk.
        await RecordAllAsync().ConfigureAwait(false);
        if (keepPart && _length > 0)
            ClosePart();
        else
            Remove();
    }

    public override ValueTask DisposeAsync()
    {
        ClosePart();
        return ValueTask.CompletedTask;
    }

    private string Folder => Path.GetDirectoryName(path)!;

    /// <returns>The record of the part to continue; null to begin at zero.</returns>
    private PartRecord? FindContinuable(long downloadId, Uri url)
    {
        var part = new FileInfo(_part);
        // What is not a file is refused when it is opened.
        if (!part.Exists)
            return null;
        var found = PartRecord.TryRead(_sidecar);
        var isSame = found?.IsOf(downloadId, url) == true;
        // Nothing is lost with it; but whoever continues another's download, even one of which nothing has come yet, would get a file that is not what it is called.
        if (part.Length == 0 && (found is null || isSame))
            return null;
        if (isSame && resume)
            return found;
        if (overwrite)
            return null;
        throw Conflict(isSame
            ? $"'{_part}' holds {part.Length} bytes of this download. Resume it, or overwrite it explicitly."
            : $"'{_part}' belongs to {(found is null ? "an unknown download" : $"download {found.DownloadId}")}, not to download {downloadId} of this server. "
                + "It is kept. Remove it or overwrite it explicitly, or name another file.");
    }

    private void Begin(PartRecord record)
    {
        RandomAccess.SetLength(_file!, 0);
        _length = 0;
        _remote = null;
        _chunks = new ChunkDigests(record.ChunkSize);
        _stored = new StoredChunks(record.ChunkSize, []);
        _record = record.With(_chunks, null);
        _record.Write(_sidecar);
        UnixFile.FlushFolder(Folder);
    }

    /// <summary>Whole chunks are verified while the rest arrives. The beginning of a chunk is looked at now, so that its digest can go on.</summary>
    private async Task ContinueAsync(PartRecord found, CancellationToken cancel)
    {
        _remote = found.Remote;
        _chunks = new ChunkDigests(found.ChunkSize);
        var there = RandomAccess.GetLength(_file!);
        var digests = found.Chunks;
        var whole = (int)Math.Min(there / found.ChunkSize, found.Length / found.ChunkSize);
        _stored = new StoredChunks(found.ChunkSize, [.. digests.Take(whole)]);
        _chunks.Restore(_stored.Digests);
        _length = _chunks.Length;
        var rest = (int)(found.Length % found.ChunkSize);
        if (rest > 0 && whole == digests.Count - 1 && there >= found.Length)
            await ContinueChunkAsync(rest, digests[^1], cancel).ConfigureAwait(false);
        RandomAccess.SetLength(_file!, _length);
        // Last: what is left of here before is as it was.
        _record = found;
    }

    private async Task ContinueChunkAsync(int count, string digest, CancellationToken cancel)
    {
        var begun = new ChunkDigests(_chunks.ChunkSize);
        begun.Restore(_stored.Digests);
        var buffer = ArrayPool<byte>.Shared.Rent(CheckBlock);
        try
        {
            for (var left = count; left > 0;)
            {
                var read = await RandomAccess.ReadAsync(_file!, buffer.AsMemory(0, Math.Min(buffer.Length, left)), begun.Length, cancel).ConfigureAwait(false);
                if (read == 0)
                    return;
                begun.Append(buffer.AsSpan(0, read));
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        if (begun.Current()[^1] != digest)
            return;
        _chunks = begun;
        _length = begun.Length;
    }

    /// <summary>Off the way of the bytes, and as often as the disk allows. What a kill finds unrecorded is fetched again.</summary>
    private void RecordBeside()
    {
        if (!_recording.IsCompleted)
            return;
        var (before, record, file) = (_record!.Length, _record.With(_chunks, _remote), _file!);
        _record = record;
        _recording = Task.Run(() =>
        {
            UnixFile.BeginWriting(file, before, record.Length);
            TryWrite(record);
        });
    }

    private async Task RecordAllAsync()
    {
        await _recording.ConfigureAwait(false);
        var record = _record = _record!.With(_chunks, _remote);
        await Task.Run(() => TryWrite(record)).ConfigureAwait(false);
    }

    /// <summary>An older record is as good, only of less: on a full disk that is what remains.</summary>
    private void TryWrite(PartRecord record)
    {
        try
        {
            record.Write(_sidecar);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>While it is open and locked, so that no other run takes it for a part. Windows renames no file that is open like this.</summary>
    private void Rename()
    {
        if (OperatingSystem.IsWindows())
            ClosePart();
        File.Move(_part, path, overwrite);
        ClosePart();
    }

    private void Remove()
    {
        if (OperatingSystem.IsWindows())
            ClosePart();
        File.Delete(_part);
        ClosePart();
        PartRecord.Delete(_sidecar);
    }

    private void ClosePart()
    {
        if (_file is not null)
            PartFile.Close(_file);
    }

    private static TransferException Conflict(string message) => new(TransferFailure.TargetConflict, message);
}
