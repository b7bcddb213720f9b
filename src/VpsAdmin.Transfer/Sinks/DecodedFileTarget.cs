using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// A file with the decoded stream: written as <c>NAME.stream.part</c>, flushed to disk, renamed, and the folder flushed. An aborted one leaves
/// nothing; what a crash left is written over by the next run, because a decoded stream has no place to begin again.
/// </summary>
/// <param name="path">Full path of the final file.</param>
/// <param name="overwrite">Replace an existing final file at the end.</param>
public sealed class DecodedFileTarget(string path, bool overwrite) : IDecodedTarget
{
    // Not the name that FileSink gives its parts: those can be continued, and must not be lost to a stream.
    private readonly string _part = path + ".stream.part";
    private SafeFileHandle? _file;
    private long _length;

    public Task OpenAsync(CancellationToken cancel) => Guarded(() =>
    {
        TargetFile.RefuseOccupied(path, overwrite);
        _file = PartFile.Open(_part);
        RandomAccess.SetLength(_file, 0);
    });

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        try
        {
            await RandomAccess.WriteAsync(_file!, decoded, _length, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
        _length += decoded.Length;
    }

    public Task CompleteAsync(CancellationToken cancel) => Guarded(() =>
    {
        RandomAccess.FlushToDisk(_file!);
        // While it is open and locked, so that no other run writes into it. Windows renames no file that is open like this.
        if (OperatingSystem.IsWindows())
            Close();
        File.Move(_part, path, overwrite);
        Close();
        UnixFile.FlushFolder(Path.GetDirectoryName(path)!);
    });

    public Task AbortAsync()
    {
        // Without the handle the part is another run's.
        if (_file is not { IsClosed: false })
            return Task.CompletedTask;
        if (OperatingSystem.IsWindows())
            Close();
        File.Delete(_part);
        Close();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void Close()
    {
        if (_file is not null)
            PartFile.Close(_file);
    }

    private Task Guarded(Action action)
    {
        try
        {
            action();
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    private TransferException Failed(Exception e) => new(TransferFailure.SinkFailed, $"'{path}' cannot be written: {e.Message}", e);
}
