using System.Text;

namespace VpsAdmin.Zfs.Processes;

/// <summary>Reads a child's standard error as fast as it comes, so that the child never blocks on it, and keeps the end.</summary>
internal sealed class ErrorTail
{
    internal const int Capacity = 8 * 1024;

    private readonly byte[] _ring = new byte[Capacity];
    private long _length;

    /// <summary>Returns at the end of the stream, or when the stream is closed under it. Never throws.</summary>
    internal async Task DrainAsync(Stream error)
    {
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await error.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                Append(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Our end was closed to let the child go: what came until then is what there is.
        }
    }

    internal string Text()
    {
        var kept = (int)Math.Min(_length, Capacity);
        var bytes = new byte[kept];
        for (var i = 0; i < kept; i++)
            bytes[i] = _ring[(_length - kept + i) % Capacity];
        return Encoding.UTF8.GetString(bytes).Trim();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            _ring[_length++ % Capacity] = b;
    }
}
