using System.IO.Compression;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.FaultServer;

/// <summary>The bytes of exports, damaged where the script says so.</summary>
public static class ExportContent
{
    /// <param name="folder">Where files are that the script names.</param>
    /// <param name="guid">Of the snapshot, in a stream that is made up.</param>
    /// <param name="fromGuid">Of the base; 0: none.</param>
    public static byte[] Make(ExportScript script, string folder, ulong guid, ulong fromGuid)
    {
        if (script.Bomb is { } size)
            return Bomb(size);
        var content = script.File is { } file ? File.ReadAllBytes(Path.Combine(folder, file)) : script.Format == "archive" ? Noise(script.Size, guid) : Stream(script.Size, guid, fromGuid);
        return Damage(script, content);
    }

    public static byte[] Damage(ExportScript script, byte[] content)
    {
        if (script.CutStream is { } decoded)
            content = StreamBytes.Gzip(Decode(content) is var whole ? whole[..Math.Min(decoded, whole.Length)] : []);
        return script.CutGzip is { } compressed ? content[..Math.Min(compressed, content.Length)] : content;
    }

    internal static bool IsGzip(string path)
    {
        try
        {
            using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            return gzip.ReadByte() >= 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>What the server would make of the same data another time: compressed otherwise.</summary>
    /// <param name="time">Differs each time.</param>
    public static byte[] Anew(byte[] content, int time)
    {
        try
        {
            return StreamBytes.Gzip(Decode(content), members: time);
        }
        catch (InvalidDataException)
        {
            // Nothing that is compressed: nobody will decode it.
            return Noise(content.Length, (ulong)time);
        }
    }

    private static byte[] Stream(int size, ulong guid, ulong fromGuid) =>
        StreamBytes.Gzip(new StreamBytes().Begin("tank/made@up", guid, fromGuid).Write(size).End(guid).ToArray());

    private static byte[] Noise(int size, ulong seed)
    {
        var bytes = new byte[size];
        new Random((int)seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Bomb(int mib)
    {
        var compressed = new MemoryStream();
        var nothing = new byte[1 << 20];
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < mib; i++)
                gzip.Write(nothing);
        }
        return compressed.ToArray();
    }

    private static byte[] Decode(byte[] content)
    {
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        var decoded = new MemoryStream();
        gzip.CopyTo(decoded);
        return decoded.ToArray();
    }
}
