namespace VpsAdmin.PS.Servers;

/// <summary>Finds the server's executable.</summary>
internal static class ServerProgram
{
    private static readonly string Name = OperatingSystem.IsWindows() ? "vpsadmin-server.exe" : "vpsadmin-server";

    // A package has no program of one processor's kind, and keeps no modes of files: dotnet runs this.
    private const string Library = "vpsadmin-server.dll";

    /// <summary>The one of the module, else the one in PATH.</summary>
    /// <exception cref="VpsAdminException">There is none.</exception>
    public static string Find()
    {
        var own = Path.Combine(Path.GetDirectoryName(typeof(ServerProgram).Assembly.Location)!, "server");
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var candidates = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(static folder => Path.Combine(folder, Name))
            .Prepend(Path.Combine(own, Library))
            .Prepend(Path.Combine(own, Name));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new VpsAdminException(Errors.ServerNotFound, $"There is no {Name} in the module's folder nor in PATH.", Name);
    }

    /// <summary>How it is started.</summary>
    public static IReadOnlyList<string> Command(string program) => program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ["dotnet", program] : [program];

    /// <exception cref="VpsAdminException">It is not there.</exception>
    public static string Require(string path) =>
        File.Exists(path) ? path : throw new VpsAdminException(Errors.ServerNotFound, $"There is no server program '{path}'.", path);
}
