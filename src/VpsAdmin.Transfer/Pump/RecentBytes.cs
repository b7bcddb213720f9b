namespace VpsAdmin.Transfer.Pump;

/// <summary>The last bytes that arrived. A server is asked for them again when its file looks different: a file written anew has others there.</summary>
internal sealed class RecentBytes
{
    public const int Most = 64 * 1024;

    private readonly byte[] _bytes = new byte[Most];
    private int _count;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    public void Append(ReadOnlySpan<byte> block)
    {
        if (block.Length > Most)
            block = block[^Most..];
        var kept = Math.Min(_count, Most - block.Length);
        _bytes.AsSpan(_count - kept, kept).CopyTo(_bytes);
        block.CopyTo(_bytes.AsSpan(kept));
        _count = kept + block.Length;
    }

    public void Clear() => _count = 0;
}
