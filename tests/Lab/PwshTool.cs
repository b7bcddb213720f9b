using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace VpsAdmin.Lab;

/// <summary>PowerShell with all that comes with it, a tool of the repository (<c>.config/dotnet-tools.json</c>): <c>dotnet pwsh</c>.</summary>
public static class PwshTool
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<(string? Library, string Reason)>>> Restored = new(StringComparer.Ordinal);

    /// <summary>Restores it where it was not, and looks once: it takes seconds.</summary>
    /// <param name="repository">The repository's folder.</param>
    /// <returns>What <c>dotnet</c> runs; null: it is not to be had here, and the reason says why.</returns>
    public static Task<(string? Library, string Reason)> FindAsync(string repository) =>
        Restored.GetOrAdd(repository, static r => new Lazy<Task<(string? Library, string Reason)>>(() => RestoreAsync(r))).Value;

    private static async Task<(string? Library, string Reason)> RestoreAsync(string repository)
    {
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(repository, ".config", "dotnet-tools.json")).ConfigureAwait(false));
        var version = manifest.RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
        using var restore = Process.Start(new ProcessStartInfo("dotnet", ["tool", "restore"]) { WorkingDirectory = repository, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = restore.StandardError.ReadToEndAsync();
        var output = await restore.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await restore.WaitForExitAsync().ConfigureAwait(false);
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var library = Path.Combine(packages, "powershell", version, "tools", "net10.0", "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
        return File.Exists(library) ? (library, "") : (null, $"There is no PowerShell {version} in {packages}: {output}{await error.ConfigureAwait(false)}".TrimEnd());
    }
}
