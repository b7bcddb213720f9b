namespace VpsAdmin.Zfs;

/// <summary>What the <c>zfs</c> of one host can do, read off its own usage text once for each host.</summary>
/// <param name="SendSizeEstimate"><c>send -nP</c>; without it a size is taken from <c>referenced</c>.</param>
/// <param name="ReceiveResumable"><c>receive -s</c>.</param>
/// <param name="ReceiveUnmounted"><c>receive -u</c>.</param>
/// <param name="ListParsable"><c>list -p</c>; without it numbers are read with <c>get -p</c>.</param>
/// <param name="SeveralSnapshotsAtOnce">One <c>snapshot a@x b@x</c> for several datasets.</param>
public sealed record ZfsCapabilities(
    bool SendSizeEstimate,
    bool ReceiveResumable,
    bool ReceiveUnmounted,
    bool Bookmarks,
    bool ListParsable,
    bool SeveralSnapshotsAtOnce)
{
    /// <summary>What this host's zfs lacks that we would use, and what happens instead; empty for a modern one.</summary>
    public IReadOnlyList<string> Fallbacks =>
    [
        .. Lacking(SendSizeEstimate, "zfs send cannot estimate sizes (-nP): the size of a full stream is taken from 'referenced', that of an increment is unknown."),
        .. Lacking(ReceiveUnmounted, "zfs receive cannot leave a filesystem unmounted (-u): what is received is mounted."),
        .. Lacking(ReceiveResumable, "zfs receive cannot keep a partial stream (-s): an interrupted receive begins anew."),
    ];

    private static string[] Lacking(bool has, string words) => has ? [] : [words];
}
