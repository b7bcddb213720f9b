namespace VpsAdmin.HaveApi;

/// <summary>Descriptions kept on disk, so that a new process neither fetches megabytes nor has a server spend seconds on them.</summary>
/// <param name="Folder">Made when needed, for its owner alone.</param>
public sealed record DescriptionCacheOptions(string Folder)
{
    /// <summary>An older description is fetched anew, whatever it is good for.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Bytes; a longer file is not read.</summary>
    public long MaxFileBytes { get; init; } = 64L << 20;

    /// <summary>Where a user's programs keep what they can make again; null when the user has no home.</summary>
    /// <param name="application">Name of the folder inside.</param>
    public static string? UsersFolder(string application)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : OperatingSystem.IsMacOS() ? (home.Length == 0 ? "" : Path.Combine(home, "Library", "Caches"))
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } xdg && Path.IsPathRooted(xdg) ? xdg
            : home.Length == 0 ? "" : Path.Combine(home, ".cache");
        return caches.Length == 0 ? null : Path.Combine(caches, application, "descriptions");
    }
}
