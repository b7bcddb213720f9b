namespace VpsAdmin.PS.Servers;

/// <summary>Finds the server's executable.</summary>
internal static class ServerProgram
{
    private static readonly string Name = OperatingSystem.IsWindows() ? "vpsadmin-server.exe" : "vpsadmin-server";

    /// <summary>The one of the module, else the one in PATH.</summary>
    /// <exception cref="VpsAdminException">There is none.</exception>
    public static string Find()
    {
        var module = Path.GetDirectoryName(typeof(ServerProgram).Assembly.Location)!;
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var candidates = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(Path.Combine(module, "server"))
            .Select(folder => Path.Combine(folder, Name));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new VpsAdminException(Errors.ServerNotFound, $"There is no {Name} in the module's folder nor in PATH.", Name);
    }

    /// <exception cref="VpsAdminException">It is not there.</exception>
    public static string Require(string path) =>
        File.Exists(path) ? path : throw new VpsAdminException(Errors.ServerNotFound, $"There is no server program '{path}'.", path);
}
