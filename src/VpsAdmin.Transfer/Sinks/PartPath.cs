namespace VpsAdmin.Transfer.Sinks;

/// <summary>Names of what an unfinished file consists of.</summary>
internal static class PartPath
{
    private const string Part = ".part";
    private const string Sidecar = ".part.json";

    /// <summary>For <see cref="Directory.EnumerateFiles(string, string)"/>.</summary>
    public const string SidecarPattern = "*" + Sidecar;

    public static string Of(string path) => path + Part;

    public static string SidecarOf(string path) => path + Sidecar;

    public static string TargetOf(string sidecar) => sidecar[..^Sidecar.Length];
}
