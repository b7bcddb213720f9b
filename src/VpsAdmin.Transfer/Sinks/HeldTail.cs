namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// The last bytes of a decoded stream, held back until the whole is verified. <c>zfs receive</c> commits a snapshot when it reads the END
/// record, 312 bytes (and 312 more in a compound stream), so that without the tail nothing of the last snapshot exists.
/// </summary>
internal sealed class HeldTail
{
    /// <summary>Never released by <see cref="Releasable"/>.</summary>
    public const int Size = 64 * 1024;

    private const int ReleaseSize = 256 * 1024;
    private const int SmallestFree = 32 * 1024;

    private readonly byte[] _bytes = new byte[Size + ReleaseSize];
    private int _count;

    /// <summary>Where the next bytes go; call <see cref="Add"/> after.</summary>
    public Memory<byte> Free => _bytes.AsMemory(_count);

    public void Add(int count) => _count += count;

    /// <summary>True when <see cref="Releasable"/> must be passed on to make room.</summary>
    public bool IsFull => Free.Length < SmallestFree;

    /// <summary>All but the tail.</summary>
    public ReadOnlyMemory<byte> Releasable => _bytes.AsMemory(0, Math.Max(0, _count - Size));

    public void Release()
    {
        var released = Releasable.Length;
        _bytes.AsSpan(released, _count - released).CopyTo(_bytes);
        _count -= released;
    }

    /// <summary>Everything that was not released.</summary>
    public ReadOnlyMemory<byte> Held => _bytes.AsMemory(0, _count);
}
