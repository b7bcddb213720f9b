using System.Runtime.CompilerServices;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>Tests that change the environment of the process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EnvironmentCollection
{
    public const string Name = "Environment";
}

/// <summary>The environment and the settings of a user who has just come, until it is disposed.</summary>
internal sealed class Surroundings : IDisposable
{
    private const string Settings = "XDG_CONFIG_HOME";
    private const string Caches = "XDG_CACHE_HOME";
    private static readonly string[] Ours = ["VPSADMIN_URL", "VPSADMIN_TOKEN", "VPSADMIN_TOKEN_FILE"];

    private readonly TemporaryFolder _folder = new();

    public Surroundings() => Use(_folder.Path);

    public string SavedFile => _folder.File("settings/vpsadmin/connections.json");

    /// <summary>Of the file, on Unix.</summary>
    public void SetMode(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(SavedFile, mode);
    }

    public static void Set(string? url, string? token, string? tokenFile = null)
    {
        foreach (var (name, value) in Ours.Zip([url, token, tokenFile]))
            Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose()
    {
        Set(null, null);
        Use(Nowhere);
        _folder.Dispose();
    }

    /// <summary>No test may see, or change, the connections of whoever runs them.</summary>
    [ModuleInitializer]
    internal static void Clean()
    {
        Set(null, null);
        Use(Nowhere);
    }

    private static string Nowhere => Path.Combine(AppContext.BaseDirectory, "nowhere");

    private static void Use(string folder)
    {
        Environment.SetEnvironmentVariable(Settings, Path.Combine(folder, "settings"));
        Environment.SetEnvironmentVariable(Caches, Path.Combine(folder, "caches"));
    }
}
