using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>Paths as PowerShell has them, made paths of the file system.</summary>
internal static class FilePath
{
    /// <summary>Wildcard characters are taken for what they are. The path need not exist.</summary>
    /// <exception cref="VpsAdminException">Not on the file system.</exception>
    public static string Literal(PSCmdlet cmdlet, string path)
    {
        ProviderInfo provider;
        string resolved;
        try
        {
            resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or NotSupportedException)
        {
            throw new VpsAdminException(Errors.NotFileSystemPath, $"'{path}' is not a path: {e.Message}", path, e);
        }

        return provider.Name == "FileSystem"
            ? resolved
            : throw new VpsAdminException(Errors.NotFileSystemPath, $"'{path}' is a path of the provider {provider.Name}, not of the file system.", path);
    }

    /// <summary>As <see cref="Literal"/>; a path with wildcards stands for the one thing that it matches.</summary>
    /// <exception cref="VpsAdminException">Not on the file system, or more or less than one match.</exception>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
            return Literal(cmdlet, path);
        var matches = cmdlet.SessionState.Path.GetResolvedPSPathFromPSPath(path);
        return matches.Count == 1
            ? Literal(cmdlet, matches[0].Path)
            : throw new VpsAdminException(Errors.InvalidCombination,
                $"'{path}' matches {matches.Count} paths where one is needed; -LiteralPath takes the characters as they are.", path);
    }

    /// <summary>The files that a path with wildcards stands for; a path without is that file, whether it is there or not.</summary>
    /// <exception cref="VpsAdminException">Not on the file system, or nothing matches.</exception>
    public static IReadOnlyList<string> ResolveFiles(PSCmdlet cmdlet, string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
            return [Literal(cmdlet, path)];
        var files = cmdlet.SessionState.Path.GetResolvedPSPathFromPSPath(path).Select(match => Literal(cmdlet, match.Path)).Where(File.Exists).ToList();
        return files.Count > 0 ? files : throw new VpsAdminException(Errors.FileNotFound, $"No file matches '{path}'.", path);
    }
}
