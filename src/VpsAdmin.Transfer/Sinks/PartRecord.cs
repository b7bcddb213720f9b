using System.Text.Json;
using System.Text.Json.Serialization;
using VpsAdmin.Client;
using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>The sidecar of a part: which download it is a part of, and what of it is known to be sound.</summary>
/// <param name="Version">Of this format.</param>
/// <param name="DownloadId">Ids are unique on one server only.</param>
/// <param name="Url">Its secret path tells downloads of two servers apart, and opens the file, so the sidecar is its owner's only.</param>
/// <param name="SnapshotId">Null, as are base and format, when whoever saves did not say.</param>
/// <param name="Remote">The server's file as it looked when it was complete; null before.</param>
/// <param name="ChunkSize">Bytes.</param>
/// <param name="Length">Bytes that the digests cover. What the part has beyond was written after the last record, and is fetched again.</param>
/// <param name="Chunks">XXH128 of each chunk, 32 lower-case hex digits; the last one may be of less than a chunk.</param>
internal sealed record PartRecord(
    int Version, long DownloadId, string Url, long? SnapshotId, long? FromSnapshotId, ExportFormat? Format, RemoteFile? Remote,
    int ChunkSize, long Length, IReadOnlyList<string> Chunks)
{
    public const int CurrentVersion = 2;

    private const string Beside = ".new";

    public static PartRecord Of(long downloadId, ExportState state, ExportRequest? request) => new(
        CurrentVersion, downloadId, state.Url.AbsoluteUri, request?.SnapshotId, request?.FromSnapshotId, request?.Format, null,
        ChunkDigests.SizeFor(state.SizeMiB), 0, []);

    /// <summary>Host and port are not compared: a server may be moved, or be started on another port, with all its files.</summary>
    public bool IsOf(long downloadId, Uri url) => DownloadId == downloadId && Uri.TryCreate(Url, UriKind.Absolute, out var own) && own.AbsolutePath == url.AbsolutePath;

    public PartRecord With(ChunkDigests digests, RemoteFile? remote) => this with
    {
        Remote = remote,
        ChunkSize = digests.ChunkSize,
        Length = digests.Length,
        Chunks = digests.Current(),
    };

    /// <summary>Null when there is none, or none that makes sense: then nobody knows what the part is.</summary>
    public static PartRecord? TryRead(string path)
    {
        if (UnixFile.IsSpecial(path))
            return null;
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, PartJson.Default.PartRecord) is { IsSound: true } record ? record : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Written beside, synchronised, renamed: a crash leaves the old one or the new one.</summary>
    public void Write(string path)
    {
        var beside = path + Beside;
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(beside, options))
        {
            JsonSerializer.Serialize(file, this, PartJson.Default.PartRecord);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Removes it, and what a kill or a full disk left of one that was being written.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(path + Beside);
    }

    private bool IsSound =>
        Version == CurrentVersion && DownloadId > 0 && Length >= 0 && ChunkDigests.IsSize(ChunkSize)
        && Chunks.Count == (Length + ChunkSize - 1) / ChunkSize
        && Chunks.All(static c => c is { Length: 32 } && c.All(char.IsAsciiHexDigitLower));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PartRecord))]
internal sealed partial class PartJson : JsonSerializerContext;
