using System.Reflection;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>The repository, and what the build has made of it for the tests.</summary>
internal static class Repository
{
    /// <summary>The module's, which imports what was built.</summary>
    public static string Manifest { get; } = Metadata("ModuleManifest");

    public static string Root { get; } = Path.GetDirectoryName(Manifest)!;

    /// <summary>Debug or Release.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>The program vpsadmin.</summary>
    public static string Shell { get; } = Metadata("Shell");

    /// <summary>The program vpsadmin-node.</summary>
    public static string Node { get; } = Metadata("Node");

    /// <summary>The program vpsadmin-server that is in the module.</summary>
    public static string Server { get; } = Path.Combine(Root, "lib", "server", "vpsadmin-server");

    private static string Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
