using System.IO.Compression;

namespace VpsAdmin.Zfs.Replay;

/// <summary>Tests a file that should hold a ZFS stream, plain or as gzip of any number of members, without a pool.</summary>
public sealed class StreamFile : IDisposable
{
    private const int BlockSize = 256 * 1024;

    private const int TarBlockSize = 512;

    // The mark of POSIX and GNU archives in the first block of a tar file.
    private const int TarMarkOffset = 257;
    private static readonly byte[] TarMark = "ustar"u8.ToArray();

    private readonly ReplayStream _stream = new();
    private readonly byte[] _block = new byte[BlockSize];
    private readonly StreamInput _input;
    private readonly IProgress<long>? _progress;
    private bool _isTar;

    private StreamFile(Stream file, IProgress<long>? progress)
    {
        _input = new StreamInput(file);
        _progress = progress;
    }

    /// <summary>Reads the file from its current position to its end, or to the first fault.</summary>
    /// <param name="progress">Bytes of the file that were read.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<StreamReport> TestAsync(Stream file, IProgress<long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var test = new StreamFile(file, progress);
        var isGzip = await test._input.IsGzipAsync(cancel).ConfigureAwait(false);
        var fault = isGzip ? await test.WalkGzipAsync(cancel).ConfigureAwait(false) : await test.WalkAsync(test._input, cancel).ConfigureAwait(false);
        return new StreamReport(fault, isGzip, test._input.Taken, test._stream);
    }

    /// <summary>The file stays open.</summary>
    public void Dispose() => _input.Dispose();

    private async Task<ReplayException?> WalkGzipAsync(CancellationToken cancel)
    {
        var gzip = new GZipStream(_input, CompressionMode.Decompress, leaveOpen: true);
        await using (gzip.ConfigureAwait(false))
        {
            if (await WalkAsync(gzip, cancel).ConfigureAwait(false) is { } fault)
                return fault;
            _input.AppendEmptyMember();
            return await WalkAsync(gzip, cancel).ConfigureAwait(false) is null
                ? null
                : Fault(ReplayFault.CutShort, $"The ZFS stream is whole, but its gzip file is cut short at byte {_input.Taken}: the end of the last member is missing.");
        }
    }

    private async Task<ReplayException?> WalkAsync(Stream decoded, CancellationToken cancel)
    {
        try
        {
            while (await decoded.ReadAtLeastAsync(_block, TarBlockSize, throwOnEndOfStream: false, cancel).ConfigureAwait(false) is > 0 and var read)
            {
                if (_stream.Position == 0)
                    _isTar = _block.AsSpan(0, read) is { Length: > TarMarkOffset } block && block[TarMarkOffset..].StartsWith(TarMark);
                _stream.Read(_block.AsSpan(0, read));
                _progress?.Report(_input.Taken);
            }
            _stream.Finish();
            return null;
        }
        catch (ReplayException) when (_isTar)
        {
            return Fault(ReplayFault.NotAStream, "This is not a ZFS stream but a tar archive.");
        }
        catch (ReplayException e)
        {
            return e;
        }
        catch (InvalidDataException e)
        {
            return Fault(ReplayFault.Damaged, $"The gzip data are damaged where byte {_stream.Position} of the ZFS stream should be, before byte {_input.Taken} of the file: {e.Message}");
        }
    }

    private ReplayException Fault(ReplayFault fault, string message) => new(fault, _stream.Position, _stream.SoundTo, message);
}
