namespace VpsAdmin.Transfer.Tests;

/// <summary>Who may read a file. Skips the test where files have no modes.</summary>
internal static class Modes
{
    public const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static UnixFileMode Of(string path)
    {
        if (!OperatingSystem.IsWindows())
            return File.GetUnixFileMode(path);
        Assert.Skip("Unix has modes.");
        return default;
    }

    public static void OpenToAll(string path)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Unix has modes.");
        else
            File.SetUnixFileMode(path, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
