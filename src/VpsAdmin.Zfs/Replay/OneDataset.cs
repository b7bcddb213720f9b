namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// What a compound stream must be like for a receiver that wants the snapshots of one dataset, and nothing with them: <c>zfs receive</c> makes a filesystem of each
/// name that comes along, and sets what properties come along, a mount point of somebody else's choice among them. Such come with <c>send -R</c>, <c>-p</c> and <c>-h</c>, whose header
/// has a list (libzfs_sendrecv.c, zfs_send); <c>send -I</c> has none, so that what is in a list need not be understood to be refused.
/// </summary>
internal sealed class OneDataset
{
    private string? _dataset;

    /// <param name="listLength">Bytes of the header's list; null: that makes no sense.</param>
    /// <returns>What is wrong; null: nothing.</returns>
    public string? OnHeader(string toName, long? listLength)
    {
        if (!SnapshotName.TryParse(toName, out var name))
            return "a name that is not one of a snapshot";
        _dataset = name.Dataset;
        return listLength is not 0 ? "a list of filesystems and properties in its header (zfs send -R, -p or -h)" : null;
    }

    /// <returns>What is wrong; null: nothing.</returns>
    public string? OnSubstream(string toName) =>
        SnapshotName.TryParse(toName, out var name) && name.Dataset == _dataset ? null : $"'{Shown(toName)}', which is not a snapshot of '{_dataset}'";

    /// <summary>For an error: it comes from who knows where.</summary>
    private static string Shown(string name) => new([.. name.Take(ZfsName.MaxLength).Select(static c => char.IsControl(c) ? '?' : c)]);
}
