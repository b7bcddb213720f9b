using System.Buffers.Binary;
using System.Text;

namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// Reads XDR (RFC 4506): everything in words of four bytes, the highest first. A pair is its length here, its length in the reader's memory, its name, type, count
/// and value; a pair of length 0 ends a list.
/// </summary>
internal ref struct NvListReader(ReadOnlySpan<byte> packed)
{
    private const int Word = 4;

    /// <summary>NV_ENCODE_XDR. The next byte is the order of the sender's machine, of which XDR does not depend.</summary>
    private const byte Xdr = 1;

    /// <summary>NV_UNIQUE_NAME, without which libnvpair would let names be there twice.</summary>
    private const uint UniqueName = 1;

    /// <summary>A header has five: its filesystems, one of them, its snapshots' properties, those of one, and a value.</summary>
    private const int MostLevels = 6;

    private const int LongestText = 64 * 1024;

    private readonly int _length = packed.Length;
    private ReadOnlySpan<byte> _rest = packed;

    /// <summary>DATA_TYPE_* of nvpair.h, as far as headers have them.</summary>
    private enum ValueType : uint
    {
        Boolean = 1,
        UInt64 = 8,
        Text = 9,
        List = 19,
    }

    private readonly int Position => _length - _rest.Length;

    public NvList Read()
    {
        var head = Take(Word);
        if (head[0] != Xdr || head[1] > 1 || head[2] != 0 || head[3] != 0)
            throw Bad("it is not packed as XDR");
        var list = ReadList(level: 1);
        return _rest.IsEmpty ? list : throw Bad("something follows its end");
    }

    private NvList ReadList(int level)
    {
        if (level > MostLevels)
            throw Bad("there are too many lists in lists");
        if (ReadWord() != 0 || ReadWord() != UniqueName)
            throw Bad("a list is of a version that is not known");
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        while (true)
        {
            var start = Position;
            var (encoded, decoded) = (ReadWord(), ReadWord());
            if (encoded == 0 && decoded == 0)
                return new NvList(values);
            // For libnvpair this alone is the end.
            if (decoded == 0)
                throw Bad("a list has two ends");
            var (name, value) = ReadPair(level);
            if (Position - start != encoded)
                throw Bad($"'{name}' is not as long as it says");
            if (!values.TryAdd(name, value))
                throw Bad($"'{name}' is there twice");
        }
    }

    private (string Name, object Value) ReadPair(int level)
    {
        var name = ReadText();
        var (type, count) = ((ValueType)ReadWord(), ReadWord());
        if (count != (type == ValueType.Boolean ? 0 : 1))
            throw Bad($"'{name}' has {count} values");
        object value = type switch
        {
            ValueType.Boolean => true,
            ValueType.UInt64 => ((ulong)ReadWord() << 32) | ReadWord(),
            ValueType.Text => ReadText(),
            ValueType.List => ReadList(level + 1),
            _ => throw Bad($"'{name}' is of type {(uint)type}"),
        };
        return (name, value);
    }

    /// <summary>A zero inside would end it for a receiver, not for us.</summary>
    private string ReadText()
    {
        var length = ReadWord();
        if (length > LongestText)
            throw Bad("a text is too long");
        var bytes = Take((int)length);
        if (bytes.Contains((byte)0) || Take(-(int)length & (Word - 1)).ContainsAnyExcept((byte)0))
            throw Bad("a text has zeros in it, or none behind it");
        return Encoding.UTF8.GetString(bytes);
    }

    private uint ReadWord() => BinaryPrimitives.ReadUInt32BigEndian(Take(Word));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw Bad("it ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private readonly FormatException Bad(string why) => new($"{why}, before byte {Position}");
}
