using System.Collections.Concurrent;
using System.Text.Json;
using VpsAdmin.Node.Sending;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Streams;

/// <summary>What another node may send here.</summary>
/// <param name="Target">Full name of the filesystem that gets the snapshots.</param>
/// <param name="FromSnapshot">Newest that it has already; null: it is made.</param>
/// <param name="Snapshots">Oldest first.</param>
internal sealed record AwaitedTransfer(string Name, string Target, string? FromSnapshot, IReadOnlyList<string> Snapshots, ReceiverCredential Credential)
{
    public override string ToString() => $"{nameof(AwaitedTransfer)} {Name} to {Target}";
}

/// <summary>
/// Transfers that this node waits for. They are kept on the pool that they go to, in <c>&lt;pool&gt;/vpsadmin/receive</c>, where only the node's own user
/// reads them: a node that died knows them at its next start, and the sender goes on.
/// </summary>
internal sealed class AwaitedTransfers(ZfsHost zfs)
{
    private readonly ConcurrentDictionary<string, AwaitedTransfer> _all = new();

    public AwaitedTransfer? Find(string? name) => name is not null && _all.TryGetValue(name, out var awaited) ? awaited : null;

    /// <summary>Reads what an earlier process waited for.</summary>
    /// <param name="pools">Pool filesystems.</param>
    public async Task LoadAsync(IEnumerable<string> pools, CancellationToken cancel)
    {
        foreach (var pool in pools)
        {
            if (await OwnDataset.FindAsync(zfs, pool, SendArea.Name, cancel).ConfigureAwait(false) is not { } folder)
                continue;
            foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
            {
                if (await ReadAsync(file, cancel).ConfigureAwait(false) is { } awaited)
                    _all[awaited.Name] = awaited;
            }
        }
    }

    public async Task AddAsync(string pool, AwaitedTransfer awaited, CancellationToken cancel)
    {
        var folder = await OwnDataset.PrepareAsync(zfs, pool, SendArea.Name, UnixFolder.Private, cancel).ConfigureAwait(false);
        var file = FileOf(folder, awaited.Name);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var written = new FileStream(file + ".part", options);
        await using (written.ConfigureAwait(false))
        {
            await JsonSerializer.SerializeAsync(written, awaited, StreamJson.Default.AwaitedTransfer, cancel).ConfigureAwait(false);
            written.Flush(flushToDisk: true);
        }
        File.Move(file + ".part", file, overwrite: true);
        _all[awaited.Name] = awaited;
    }

    /// <summary>Nobody may send it any more. One that is not waited for is fine.</summary>
    public async Task RemoveAsync(string pool, string name, CancellationToken cancel)
    {
        _all.TryRemove(name, out _);
        if (await OwnDataset.FindAsync(zfs, pool, SendArea.Name, cancel).ConfigureAwait(false) is { } folder)
            File.Delete(FileOf(folder, name));
    }

    private static string FileOf(string folder, string name) => Path.Combine(folder, StreamCredentials.CheckName(name) + ".json");

    /// <returns>Null: it is none of ours, and nobody will send it.</returns>
    private static async Task<AwaitedTransfer?> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            var text = await File.ReadAllBytesAsync(file, cancel).ConfigureAwait(false);
            return JsonSerializer.Deserialize(text, StreamJson.Default.AwaitedTransfer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
