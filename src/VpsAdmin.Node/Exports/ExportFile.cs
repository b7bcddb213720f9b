using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// The file of a download at its final path, where it is read while it grows: never a temporary name and a rename (spec/vpsadmin 3.3). It
/// is there only while it grows or when it is whole.
/// </summary>
internal sealed class ExportFile(string area, ExportName name)
{
    /// <summary>
    /// Level 6, as gzip's own. On system files each core packs 59 MB/s to 0.33 (gzip: 24 MB/s, 0.32); level 1 does 203 MB/s to 0.43, and
    /// makes what is compressed already grow by 5 %.
    /// </summary>
    private const CompressionLevel Level = CompressionLevel.Optimal;

    /// <summary>Several exports may run at once; more than this many pieces of one under way would only cost memory.</summary>
    private static readonly int Cores = Math.Min(Environment.ProcessorCount, 8);

    private static readonly PipeOptions ReadAhead =
        new(minimumSegmentSize: 128 << 10, pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, useSynchronizationContext: false);

    private readonly string _folder = Path.Combine(area, name.SecretKey);
    private readonly string _path = Path.Combine(area, name.SecretKey, name.FileName);

    /// <summary>
    /// Writes the gzip of the source (one member) from the beginning, in the place of what a former attempt left. On any failure nothing is left,
    /// and the trailer of the gzip was never written: no reader can take half of it for all.
    /// </summary>
    public async Task<DownloadSnapshotOutput> WriteAsync(ISnapshotSource source, CancellationToken cancel)
    {
        try
        {
            using var file = Create();
            using var sha256 = SHA256.Create();
            await using var hashed = new CryptoStream(file, sha256, CryptoStreamMode.Write, leaveOpen: true);
            var gzip = new ParallelGzip(hashed, Level, Cores);
            await CopyAsync(source, gzip, cancel).ConfigureAwait(false);
            await source.VerifyAsync(cancel).ConfigureAwait(false);
            await gzip.CompleteAsync(cancel).ConfigureAwait(false);
            await hashed.FlushFinalBlockAsync(cancel).ConfigureAwait(false);
            // Size and checksum will be in a database: the file must not be less durable than they are.
            file.Flush(flushToDisk: true);
            return new DownloadSnapshotOutput(file.Length, Convert.ToHexStringLower(sha256.Hash!));
        }
        catch (Exception exception)
        {
            Remove();
            if (exception is IOException or UnauthorizedAccessException)
                throw Redacted(exception);
            throw;
        }
    }

    /// <summary>Removes file and folder; what is gone already is fine (BUG-33).</summary>
    /// <exception cref="TransactionException">The folder holds something else, or may not be changed.</exception>
    public void Remove()
    {
        try
        {
            File.Delete(_path);
            Directory.Delete(_folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Redacted(exception);
        }
    }

    public bool Exists => File.Exists(_path);

    private FileStream Create()
    {
        Directory.CreateDirectory(_folder);
        UnixFolder.SetMode(_folder, UnixFolder.Readable);
        // Not written over: whoever reads what a former attempt left keeps it, and the time of the folder tells one writing from another.
        File.Delete(_path);
        // No buffer: what is compressed is visible to readers at once.
        var file = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        UnixFolder.SetMode(_path, UnixFolder.ReadableFile);
        return file;
    }

    /// <summary>Reading from the child overlaps with compressing, a few MiB ahead.</summary>
    private static async Task CopyAsync(ISnapshotSource source, ParallelGzip target, CancellationToken cancel)
    {
        var pipe = new Pipe(ReadAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = ReadAsync(source.Output, pipe.Writer, stop.Token);
        try
        {
            for (ReadResult read = default; !read.IsCompleted;)
            {
                read = await pipe.Reader.ReadAsync(cancel).ConfigureAwait(false);
                foreach (var segment in read.Buffer)
                {
                    source.Observe(segment.Span);
                    await target.WriteAsync(segment, cancel).ConfigureAwait(false);
                }
                pipe.Reader.AdvanceTo(read.Buffer.End);
            }
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The reading task is not waited for: a silent child may hold it until the source is disposed.
            await stop.CancelAsync().ConfigureAwait(false);
            await pipe.Reader.CompleteAsync(exception).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ReadAsync(Stream source, PipeWriter target, CancellationToken cancel)
    {
        try
        {
            await source.CopyToAsync(target, cancel).ConfigureAwait(false);
            await target.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Thrown by the other end's next read.
            await target.CompleteAsync(exception).ConfigureAwait(false);
        }
    }

    private TransactionException Redacted(Exception exception) => new($"The download's file failed: {name.Redact(exception.Message)}");
}
