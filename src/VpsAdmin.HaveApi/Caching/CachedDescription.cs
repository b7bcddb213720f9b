using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Caching;

/// <summary>What a description depends on.</summary>
/// <param name="ApiVersion">That was asked for; empty for the server's default.</param>
/// <param name="Identity">Of the authentication.</param>
/// <param name="Language">Empty for the server's choice.</param>
internal sealed record CacheKey(string BaseUri, string ApiVersion, string Identity, string Language)
{
    /// <summary>A name without anything of the key in it: identities name people.</summary>
    public string FileName =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', BaseUri, ApiVersion, Identity, Language))))[..32] + ".json";
}

/// <summary>A file of the cache.</summary>
internal sealed record CachedDescription
{
    /// <summary>Raised when the records behind <see cref="Description"/> change their meaning.</summary>
    public const int CurrentFormat = 1;

    [JsonPropertyName("format")]
    public int Format { get; init; }

    [JsonPropertyName("key")]
    public CacheKey? Key { get; init; }

    [JsonPropertyName("fetched_at")]
    public DateTimeOffset FetchedAt { get; init; }

    [JsonPropertyName("api_version")]
    public string? ApiVersion { get; init; }

    [JsonPropertyName("protocol")]
    public string? Protocol { get; init; }

    [JsonPropertyName("description")]
    public ApiDescription? Description { get; init; }
}

[JsonSerializable(typeof(CachedDescription))]
internal sealed partial class CacheJson : JsonSerializerContext;
