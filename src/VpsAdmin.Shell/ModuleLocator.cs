namespace VpsAdmin.Shell;

/// <summary>Finds the module's manifest.</summary>
internal static class ModuleLocator
{
    public const string Variable = "VPSADMIN_MODULE";
    private const string Manifest = "VpsAdmin.psd1";

    /// <param name="setting">Value of <see cref="Variable"/>: the manifest, or its folder.</param>
    /// <param name="start">Folder to begin in when there is no setting; then its parents.</param>
    /// <exception cref="FileNotFoundException">There is none; the message says where it was looked for.</exception>
    public static string Find(string? setting, string start)
    {
        if (!string.IsNullOrEmpty(setting))
        {
            var path = Path.GetFullPath(Directory.Exists(setting) ? Path.Combine(setting, Manifest) : setting);
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException($"The VpsAdmin module is not at '{path}', where the environment variable {Variable} points. Correct it, or remove it.");
        }

        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, Manifest);
            if (File.Exists(path))
                return path;
        }
        throw new FileNotFoundException(
            $"The VpsAdmin module was not found: there is no {Manifest} in '{start}' nor in the folders above it. Set the environment variable {Variable} to its path.");
    }
}
