using System.Buffers;

namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// What a compound stream must be like for a receiver that wants the snapshots of one dataset, and nothing with them: <c>zfs receive</c> makes a filesystem of each
/// name that comes along, and sets what properties come along, a mount point of somebody else's choice among them. Such come with <c>send -R</c> and <c>-p</c>, whose header
/// has a list; <c>send -I</c> has none.
/// </summary>
internal sealed class OneDataset
{
    /// <summary>Some thousand snapshots. Less than what is kept back of a stream while it is read: nothing of a refused one has been passed on.</summary>
    public const int LargestList = 128 * 1024;

    private readonly ArrayBufferWriter<byte> _list = new();
    private string? _dataset;

    /// <returns>What is wrong; null: nothing.</returns>
    public string? OnHeader(string toName, long? listLength)
    {
        if (!SnapshotName.TryParse(toName, out var name))
            return "a name that is not one of a snapshot";
        _dataset = name.Dataset;
        return listLength > LargestList ? $"a list of {listLength} bytes in its header, more than this program reads" : null;
    }

    /// <summary>A piece of the header's list.</summary>
    public void Append(ReadOnlySpan<byte> piece) => _list.Write(piece);

    /// <returns>What is wrong; null: nothing.</returns>
    public string? OnListEnd()
    {
        if (_list.WrittenCount == 0)
            return null;
        try
        {
            return Check(NvList.Parse(_list.WrittenSpan), _dataset!);
        }
        catch (FormatException e)
        {
            return $"a list in its header that is not understood ({e.Message})";
        }
    }

    /// <returns>What is wrong; null: nothing.</returns>
    public string? OnSubstream(string toName) =>
        SnapshotName.TryParse(toName, out var name) && name.Dataset == _dataset ? null : $"'{Shown(toName)}', which is not a snapshot of '{_dataset}'";

    /// <summary>What libzfs_sendrecv.c puts into a header, less all that it would make a receiver do.</summary>
    internal static string? Check(NvList header, string dataset)
    {
        if (header.Names.FirstOrDefault(static n => n is not ("fss" or "fromsnap" or "tosnap" or "not_recursive")) is { } unknown)
            return $"'{Shown(unknown)}' in its header";
        // With such, "receive -F" destroys what the sender does not have.
        if (!header.Has("not_recursive"))
            return "a whole tree of filesystems (send -R)";
        if (header.List("fss") is not { } filesystems)
            return "no list of filesystems in its header";
        if (filesystems.Count > 1)
            return $"{filesystems.Count} filesystems in its header";
        return filesystems.Names.Select(id => OfFilesystem(filesystems.List(id), dataset)).FirstOrDefault(static found => found is not null);
    }

    private static string? OfFilesystem(NvList? filesystem, string dataset)
    {
        if (filesystem?.Text("name") is not { } name)
            return "a filesystem without a name in its header";
        if (name != dataset)
            return $"'{Shown(name)}' in its header, which is not '{dataset}'";
        if (filesystem.Names.FirstOrDefault(static n => n is not ("name" or "parentfromsnap" or "props" or "snaps" or "snapprops" or "snapholds")) is { } unknown)
            return $"'{Shown(unknown)}' of '{name}' in its header";
        if (Filled(filesystem, "props") is { } property)
            return $"the property '{Shown(property)}' of '{name}'";
        return Filled(filesystem, "snapholds") is not null
            ? $"holds of '{name}'"
            : OfSnapshots(filesystem, name);
    }

    private static string? OfSnapshots(NvList filesystem, string name)
    {
        if (!filesystem.Has("snapprops"))
            return null;
        var all = filesystem.List("snapprops");
        return all?.Names.All(snapshot => all.List(snapshot) is { Count: 0 }) == true ? null : $"properties of snapshots of '{name}'";
    }

    /// <returns>The first name that is in the list of this name, or its own where it is none.</returns>
    private static string? Filled(NvList filesystem, string name) =>
        !filesystem.Has(name) ? null : filesystem.List(name) is { } list ? list.Names.FirstOrDefault() : name;

    /// <summary>For an error: it comes from who knows where.</summary>
    private static string Shown(string name) => new([.. name.Take(ZfsName.MaxLength).Select(static c => char.IsControl(c) ? '?' : c)]);
}
