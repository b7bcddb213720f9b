using System.Text.Json;

namespace VpsAdmin.Client.Connections;

/// <summary>Saved connections to and from the bytes of their file. Pure.</summary>
internal static class SavedConnectionsFormat
{
    private const int Version = 1;

    public static byte[] Write(SavedConnections connections) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredFile { Version = Version, Default = connections.Default, Connections = [.. connections.All.Select(StoredConnection.From)] },
        StoredJson.Default.StoredFile);

    /// <exception cref="FormatException">It is not such a file. The message says where, and shows no value.</exception>
    public static SavedConnections Read(ReadOnlySpan<byte> json)
    {
        var file = Deserialize(json);
        if (file.Version != Version)
            throw new FormatException($"It is of version {file.Version}; this program knows version {Version}.");
        var all = (file.Connections ?? []).Select(c => c?.Read() ?? throw new FormatException("It has null where a connection should be.")).ToList();
        if (all.DistinctBy(c => c.Name, ConnectionName.Comparer).Count() != all.Count)
            throw new FormatException("Two connections have one name.");
        var read = new SavedConnections(file.Default, all);
        return read.Default is null || read.Find(read.Default) is not null ? read : read with { Default = null };
    }

    private static StoredFile Deserialize(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StoredJson.Default.StoredFile) ?? throw new FormatException("It is empty.");
        }
        catch (JsonException e)
        {
            // The exception's own message may quote the text around the fault.
            throw new FormatException($"It is not JSON of the expected form at line {e.LineNumber + 1}, {e.Path ?? "$"}.");
        }
    }
}
