namespace VpsAdmin.Node;

/// <summary>Files with a secret that somebody has put there for a server or a node.</summary>
public static class SecretFile
{
    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>What is in it, without blanks around.</summary>
    /// <exception cref="UnauthorizedAccessException">This process may not read it, or everybody may.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static string Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Everybody) != 0)
            throw new UnauthorizedAccessException($"Everybody on this machine may read or change '{path}'. Take that away: chmod o= '{path}'");
        return File.ReadAllText(path).Trim();
    }
}
