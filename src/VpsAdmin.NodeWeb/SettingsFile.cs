using Microsoft.Extensions.Configuration;

namespace VpsAdmin.NodeWeb;

/// <summary>Settings that are not given as arguments: from a JSON file, and over it from the environment. Arguments come before both.</summary>
public static class SettingsFile
{
    /// <param name="file">Null: none.</param>
    /// <param name="prefix">What the names of environment variables begin with.</param>
    /// <exception cref="FormatException">The file cannot be read, or is not JSON; the message is for the person who named it.</exception>
    public static IConfiguration Read(string? file, string prefix)
    {
        try
        {
            var builder = new ConfigurationBuilder();
            if (file is not null)
                builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
            return builder.AddEnvironmentVariables(prefix).Build();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            throw new FormatException($"--config: '{file}' cannot be read: {(e.InnerException ?? e).Message}", e);
        }
    }
}
