namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// What a receiver must understand: DMU_BACKUP_FEATURE_* of OpenZFS zfs_ioctl.h, from a stream's BEGIN record. Bits without a name are kept and
/// shown, never refused: whether a stream can be received is for the receiver to say.
/// </summary>
/// <param name="Bits">The thirty flags, lowest first.</param>
public readonly record struct ReplayFeatures(uint Bits)
{
    private static readonly (int Bit, string Name)[] Known =
    [
        (0, "dedup"),
        (1, "dedupprops"),
        (2, "sa_spill"),
        (16, "embed_data"),
        (17, "lz4"),
        (19, "large_blocks"),
        (20, "resuming"),
        (21, "redacted"),
        (22, "compressed"),
        (23, "large_dnode"),
        (24, "raw"),
        (25, "zstd"),
        (26, "holds"),
        (27, "switch_to_large_blocks"),
        (28, "longname"),
        (29, "large_microzap"),
    ];

    /// <summary>Continues an interrupted receive; of no use without it.</summary>
    public bool IsResuming => Has(20);

    /// <summary>Encrypted or compressed blocks as they are on the disk.</summary>
    public bool IsRaw => Has(24);

    /// <summary>Names of the flags that are set; <c>bit18</c> for one without a name.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var bits = Bits;
            return [.. Enumerable.Range(0, 30).Where(bit => (bits >> bit & 1) != 0).Select(NameOf)];
        }
    }

    public override string ToString() => string.Join(", ", Names);

    private static string NameOf(int bit) => Array.Find(Known, known => known.Bit == bit).Name ?? $"bit{bit}";

    private bool Has(int bit) => (Bits >> bit & 1) != 0;
}
