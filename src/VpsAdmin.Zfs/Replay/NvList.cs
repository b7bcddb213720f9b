namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// A list of names and values as libnvpair packs it (nvpair.c, NV_ENCODE_XDR), of the types that the header of a compound stream is made of. Names are there once:
/// which of two a receiver takes is not for us to guess.
/// </summary>
internal sealed class NvList(IReadOnlyDictionary<string, object> values)
{
    /// <exception cref="FormatException">It is no such list, or not one that libzfs writes: every byte of it has to mean something.</exception>
    public static NvList Parse(ReadOnlySpan<byte> packed) => new NvListReader(packed).Read();

    /// <summary>In their order.</summary>
    public IEnumerable<string> Names => values.Keys;

    public int Count => values.Count;

    public bool Has(string name) => values.ContainsKey(name);

    /// <returns>Null when there is none, or it is none.</returns>
    public NvList? List(string name) => values.GetValueOrDefault(name) as NvList;

    /// <returns>Null when there is none, or it is none.</returns>
    public string? Text(string name) => values.GetValueOrDefault(name) as string;
}
