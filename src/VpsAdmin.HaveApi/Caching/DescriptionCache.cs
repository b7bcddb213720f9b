using System.Text.Json;
using VpsAdmin.HaveApi.Calls;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Caching;

/// <summary>
/// A folder of descriptions. What it says is only ever a hint: a file that is old, torn, foreign, too long or open to others is not there, and
/// one that cannot be written is not written.
/// </summary>
internal sealed class DescriptionCache(DescriptionCacheOptions options, TimeProvider time)
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly CacheJson Json = new(new JsonSerializerOptions { RespectNullableAnnotations = true, AllowDuplicateProperties = false });

    /// <returns>Null when there is none that is good.</returns>
    public DescribedVersion? Find(CacheKey key)
    {
        try
        {
            var cached = Read(Path(key));
            var age = time.GetUtcNow() - cached?.FetchedAt;
            if (cached is not { Format: CachedDescription.CurrentFormat, Description: { } description, ApiVersion: { } api, Protocol: { } protocol }
                || cached.Key != key || age < TimeSpan.Zero || age > options.Lifetime || !Describer.IsSpoken(protocol) || !Describer.IsVersion(api))
                return null;
            return new DescribedVersion(description, new ActionIndex(description), api, protocol);
        }
        catch (Exception e) when (e is JsonException or ProtocolException || IsOfTheDisk(e))
        {
            return null;
        }
    }

    public void Store(CacheKey key, DescribedVersion described)
    {
        var cached = new CachedDescription
        {
            Format = CachedDescription.CurrentFormat,
            Key = key,
            FetchedAt = time.GetUtcNow(),
            ApiVersion = described.ApiVersion,
            Protocol = described.ProtocolVersion,
            Description = described.Description,
        };
        try
        {
            MakeFolder();
            Prune();
            WriteWhole(Path(key), JsonSerializer.SerializeToUtf8Bytes(cached, Json.CachedDescription));
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The next process asks the server.
        }
    }

    public void Drop(CacheKey key)
    {
        try
        {
            File.Delete(Path(key));
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // It ends by its age.
        }
    }

    private string Path(CacheKey key) => System.IO.Path.Combine(options.Folder, key.FileName);

    private CachedDescription? Read(string path)
    {
        if (IsOpenToOthers(options.Folder))
            return null;
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete });
        if (file.Length > options.MaxFileBytes || (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & OthersWrite) != 0))
            return null;
        var json = new byte[file.Length];
        file.ReadExactly(json);
        EnvelopeReader.RefuseBrokenText(json);
        return JsonSerializer.Deserialize(json, Json.CachedDescription);
    }

    /// <summary>Others may never see half of it: a new file takes the place of the old one whole.</summary>
    private static void WriteWhole(string path, byte[] json)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = OwnersFile;
        try
        {
            using (var file = new FileStream(temporary, create))
                file.Write(json);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(options.Folder);
        else
            Directory.CreateDirectory(options.Folder, OwnersFile | UnixFileMode.UserExecute);
        if (IsOpenToOthers(options.Folder))
            throw new UnauthorizedAccessException();
    }

    /// <summary>Logins that are over leave files that nobody asks for again.</summary>
    private void Prune()
    {
        var oldest = (time.GetUtcNow() - options.Lifetime).UtcDateTime;
        foreach (var file in new DirectoryInfo(options.Folder).EnumerateFiles())
        {
            if (file.Extension is ".json" or ".tmp" && file.LastWriteTimeUtc < oldest)
                file.Delete();
        }
    }

    /// <summary>Somebody who can write there could send the user's token where they like.</summary>
    private static bool IsOpenToOthers(string folder) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & OthersWrite) != 0;

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;
}
