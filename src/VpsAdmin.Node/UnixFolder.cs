namespace VpsAdmin.Node;

/// <summary>Modes that are set explicitly: a restrictive umask once made downloads unreadable to the web server (vpsAdmin b1168e071).</summary>
internal static class UnixFolder
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    public const UnixFileMode PassThrough = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    public const UnixFileMode Readable = PassThrough | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode ReadableFile =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("A node runs where ZFS has Unix modes.");
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Leaves a folder alone that has the mode: it may be another user's.</summary>
    public static void EnsureMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows() || File.GetUnixFileMode(path) != mode)
            SetMode(path, mode);
    }
}
