namespace VpsAdmin.Node.Tests.Redelivery;

internal static class Programs
{
    /// <summary>Whether some running <c>zfs</c> or <c>tar</c>, or a script around one, has an argument that begins like this.</summary>
    public static bool AnyNames(string beginning) =>
        Directory.EnumerateDirectories("/proc").Where(static folder => int.TryParse(Path.GetFileName(folder), out _))
            .Any(folder => Arguments(folder).Any(argument => argument.StartsWith(beginning + "/", StringComparison.Ordinal)));

    private static string[] Arguments(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return [];
        }
    }
}
