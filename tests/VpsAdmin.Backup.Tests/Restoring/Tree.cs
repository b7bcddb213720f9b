using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace VpsAdmin.Backup.Tests.Restoring;

/// <summary>Files of all kinds, and their comparison.</summary>
[SupportedOSPlatform("linux")]
internal static class Tree
{
    private static readonly DateTime LongAgo = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    public static void Write(string top)
    {
        Directory.CreateDirectory(Path.Combine(top, "etc", "empty"));
        File.WriteAllText(Path.Combine(top, "etc", "config"), "old");
        File.SetUnixFileMode(Path.Combine(top, "etc", "config"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(Path.Combine(top, "data"), RandomNumberGenerator.GetBytes(1_500_000));
        File.SetUnixFileMode(Path.Combine(top, "data"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead);
        File.SetLastWriteTimeUtc(Path.Combine(top, "data"), LongAgo);
        File.WriteAllText(Path.Combine(top, "name with ' \" $ and a line\nend"), "x");
        File.CreateSymbolicLink(Path.Combine(top, "host"), "/etc");
        File.CreateSymbolicLink(Path.Combine(top, "dangling"), "nowhere/../at all");
    }

    public static void AssertEqual(string expected, string actual) => Assert.Equal(Describe(expected), Describe(actual));

    private static List<string> Describe(string top) =>
        Directory.EnumerateFileSystemEntries(top, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(top, path)}: {Kind(path)}")
            .ToList();

    private static string Kind(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } target)
            return $"link to {target}";
        var mode = File.GetUnixFileMode(path);
        return Directory.Exists(path) ? $"folder {mode}" : $"file {mode} {info.LastWriteTimeUtc:O} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}";
    }
}
