using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Caching;

/// <summary>A folder for a cache, and processes that share it: each connection is one.</summary>
public abstract class CacheTest : IDisposable
{
    internal const string Shelves = "GET /v7.0/shelves";
    internal static readonly RequestDelegate NoShelves = Answer.Ok("""{"shelves":[]}""");

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"vpsadmin-cache-{Guid.NewGuid():N}");

    internal string CacheFile => Assert.Single(Directory.GetFiles(Folder));

    internal HaveApiClientOptions Options => new() { DescriptionCache = new DescriptionCacheOptions(Folder), Time = Time };

    internal static SavedToken Saved(string token = "abc") =>
        new(token, TokenLifetime.Permanent, TimeSpan.FromMinutes(10), DateTimeOffset.UnixEpoch, null);

    internal Task<HaveApiClient> OpenAsync(ScriptedServer server, SavedToken? saved = null) =>
        ConnectAsync(server, TokenAuthentication.Restore(saved ?? Saved()), Options);

    /// <summary>A process that comes and goes.</summary>
    internal async Task FillAsync(ScriptedServer server) => (await OpenAsync(server)).Dispose();

    internal static Task<ActionResult> CallAsync(HaveApiClient api) => api.CallAsync("shelf#index", [], null, null, Cancel);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
