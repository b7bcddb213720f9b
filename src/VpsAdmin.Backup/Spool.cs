using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Backup;

/// <summary>
/// A folder where streams wait until they are whole and verified, before anything is received: a broken connection, or a restart, costs no
/// byte twice. File names are those of the original client. What is left there by an earlier run is continued when it is a part of the same
/// download, used when it is the whole of it, and else replaced (BUG-10).
/// </summary>
internal sealed partial class Spool(string folder, SnapshotTransfer transfer, TimeProvider time)
{
    private readonly DateTime _begun = time.GetUtcNow().UtcDateTime;

    private const int Block = 256 * 1024;
    private const string Unfinished = ".part";

    public string PathOf(ExportRequest request) => Path.Combine(folder, request.FromSnapshotId is { } from
        ? string.Create(CultureInfo.InvariantCulture, $".snapshot_{from}-{request.SnapshotId}.inc.dat.gz")
        : string.Create(CultureInfo.InvariantCulture, $".snapshot_{request.SnapshotId}.dat.gz"));

    /// <summary>Whether a later run has something of it to go on with.</summary>
    public bool Holds(ExportRequest request) => File.Exists(PathOf(request)) || File.Exists(PathOf(request) + Unfinished);

    /// <summary>Returns when the file is here and verified.</summary>
    /// <exception cref="TransferException"/>
    public async Task<TransferResult> FetchAsync(IExport export, ExportRequest request, IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        var path = PathOf(request);
        if (await FindWholeAsync(export, path, cancel).ConfigureAwait(false) is { } whole)
            return whole;
        var sink = new FileSink(path, overwrite: true, resume: true);
        await using (sink.ConfigureAwait(false))
            return await transfer.RunAsync(export, sink, progress, cancel).ConfigureAwait(false);
    }

    /// <summary>Gives the file to the sink.</summary>
    /// <exception cref="TransferException">The sink was aborted; the file is as it was.</exception>
    public async Task ReceiveAsync(IExport export, ExportRequest request, TransferSink sink, CancellationToken cancel)
    {
        try
        {
            await sink.OpenAsync(export, static _ => { }, cancel).ConfigureAwait(false);
            var file = new FileStream(PathOf(request), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (file.ConfigureAwait(false))
            {
                var block = new byte[Block];
                int read;
                while ((read = await file.ReadAsync(block, cancel).ConfigureAwait(false)) > 0)
                    await sink.WriteAsync(block.AsMemory(0, read), cancel).ConfigureAwait(false);
            }
            await sink.CommitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await sink.AbortAsync(keepPart: false, e).ConfigureAwait(false);
            throw;
        }
    }

    public void Remove(ExportRequest request) => File.Delete(PathOf(request));

    /// <summary>
    /// Removes what runs before this one left of these snapshots, by increments from bases that nobody begins at any more. Other files may be of
    /// other datasets, and stay; so does what another run writes or receives right now.
    /// </summary>
    /// <returns>What could not be removed, in words; null when all is well.</returns>
    public string? RemoveAbandoned(IReadOnlySet<long> snapshotIds)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, ".snapshot_*").Where(p => IsOf(p, snapshotIds) && File.GetLastWriteTimeUtc(p) < _begun))
                RemoveUnused(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"What earlier runs left in '{folder}' could not be removed: {e.Message}";
        }
    }

    private static void RemoveUnused(string path)
    {
        try
        {
            if (path.EndsWith(Unfinished, StringComparison.Ordinal) && UnfinishedTransfer.TryRead(path[..^Unfinished.Length]) is { } part)
                part.Remove();
            else
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose).Dispose();
        }
        catch (TransferException e) when (e.Failure is TransferFailure.TargetConflict)
        {
            // Another run writes it.
        }
        catch (IOException e) when (e is FileNotFoundException || FilesystemLock.IsSharingViolation(e))
        {
            // Another run receives it, or was done with it in the same moment.
        }
    }

    private static bool IsOf(string path, IReadOnlySet<long> snapshotIds) =>
        FileName().Match(Path.GetFileName(path)) is { Success: true } name
        && long.TryParse(name.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && snapshotIds.Contains(id);

    [GeneratedRegex(@"^\.snapshot_(?:[0-9]+-)?([0-9]+)(?:\.inc)?\.dat\.gz(?:\.part)?\z")]
    private static partial Regex FileName();

    private static async Task<TransferResult?> FindWholeAsync(IExport export, string path, CancellationToken cancel)
    {
        if (!File.Exists(path) || await export.ReadStateAsync(cancel).ConfigureAwait(false) is not { Ready: true, Sha256: { } expected })
            return null;
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (file.ConfigureAwait(false))
        {
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel).ConfigureAwait(false));
            return string.Equals(sha256, expected, StringComparison.OrdinalIgnoreCase)
                ? new TransferResult(file.Length, file.Length, sha256, Verified: true, TimeSpan.Zero, Retries: 0)
                : null;
        }
    }
}
