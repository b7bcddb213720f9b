using System.Text.Json;
using System.Text.Json.Serialization;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// The sidecar of a part: which download it is a part of. How much is there is the part's own length, so that there is no second truth
/// that a crash could leave behind.
/// </summary>
/// <param name="Version">Of this format.</param>
/// <param name="DownloadId">Ids are unique on one server only.</param>
/// <param name="Url">Its secret path tells downloads of two servers apart, and opens the file, so the sidecar is its owner's only.</param>
internal sealed record PartRecord(int Version, long DownloadId, string Url)
{
    public const int CurrentVersion = 1;

    public static PartRecord Of(long downloadId, Uri url) => new(CurrentVersion, downloadId, url.AbsoluteUri);

    /// <summary>Host and port are not compared: a server may be moved, or be started on another port, with all its files.</summary>
    public bool IsOfSameDownload(PartRecord other) => Version == other.Version && DownloadId == other.DownloadId && Path(Url) is { } path && path == Path(other.Url);

    private static string? Path(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.AbsolutePath : null;

    /// <summary>Null when there is none, or none that can be read: then nobody knows what the part is.</summary>
    public static PartRecord? TryRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, PartJson.Default.PartRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Written beside, synchronised, renamed: a crash leaves the old one or the new one.</summary>
    public void Write(string path)
    {
        var beside = path + ".new";
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
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PartRecord))]
internal sealed partial class PartJson : JsonSerializerContext;
