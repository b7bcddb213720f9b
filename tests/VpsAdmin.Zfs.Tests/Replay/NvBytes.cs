using System.Buffers.Binary;
using System.Text;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Packs lists of names and values as libnvpair does with NV_ENCODE_XDR.</summary>
internal sealed class NvBytes
{
    private readonly List<byte> _pairs = [];

    /// <summary>The header that libzfs writes with <c>send -p</c>, and without it.</summary>
    /// <param name="tree">As with <c>send -R</c>.</param>
    public static NvBytes Header(bool tree, params NvBytes[] filesystems)
    {
        var header = new NvBytes().Text("tosnap", "s");
        if (!tree)
            header.Flag("not_recursive");
        var fss = new NvBytes();
        for (var n = 0; n < filesystems.Length; n++)
            fss.List($"0x{n + 1:x}", filesystems[n]);
        return header.List("fss", fss);
    }

    public static NvBytes Filesystem(string name, NvBytes? props = null, NvBytes? snapprops = null) => new NvBytes()
        .Text("name", name).Number("parentfromsnap", 0).List("props", props ?? new())
        .List("snaps", new NvBytes().Number("s", 77))
        .List("snapprops", snapprops ?? new NvBytes().List("s", new()));

    public NvBytes Flag(string name) => Add(name, 1, [], count: 0);

    public NvBytes Number(string name, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Add(name, 8, bytes);
    }

    public NvBytes Text(string name, string value) => Add(name, 9, Text(value));

    public NvBytes List(string name, NvBytes value) => Add(name, 19, value.Bare());

    public NvBytes Add(string name, uint type, byte[] value, uint count = 1)
    {
        byte[] rest = [.. Text(name), .. Word(type), .. Word(count), .. value];
        _pairs.AddRange(Word((uint)rest.Length + 8));
        _pairs.AddRange(Word(40));
        _pairs.AddRange(rest);
        return this;
    }

    /// <summary>As it is in a stream.</summary>
    public byte[] Packed() => [1, 1, 0, 0, .. Bare()];

    private byte[] Bare() => [.. Word(0), .. Word(1), .. _pairs, .. Word(0), .. Word(0)];

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Word((uint)bytes.Length), .. bytes, .. new byte[-bytes.Length & 3]];
    }

    private static byte[] Word(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
